using System.ComponentModel.DataAnnotations;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>The service's configuration; from <c>appsettings.json</c>, <c>DIFFERENTIAL__…</c> variables and options.</summary>
public sealed class ServiceOptions
{
    /// <summary>The folder of the queue and its results.</summary>
    [Required]
    public string Root { get; set; } = "service";

    /// <summary>
    /// Device → how many jobs run on it side by side. A job that names a device waits for a slot of it; <c>*</c> takes any job, on
    /// the device that it names.
    /// </summary>
    public Dictionary<string, int> Workers { get; } = [];

    /// <summary>How long running jobs have to write their checkpoints at the end.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Folders from which jobs may read; empty allows any.</summary>
    public List<string> AllowedRoots { get; } = [];

    /// <summary>Runs that ended longer ago than this are deleted; null keeps all.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "36500.00:00:00")]
    public TimeSpan? Retention { get; set; }

    public QueueOptions Queue { get; } = new();

    public HttpOptions Http { get; } = new();

    public LogFileOptions LogFile { get; } = new();

    public NotifyOptions Notify { get; } = new();
}
