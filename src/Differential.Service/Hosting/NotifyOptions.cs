using System.ComponentModel.DataAnnotations;
using Differential.Core;
using Differential.Service.Jobs;

namespace Differential.Service.Hosting;

/// <summary>Who is told of a job's end; configuration section <c>Notify</c>.</summary>
public sealed class NotifyOptions
{
    /// <summary>Where the end of each job is posted; nobody is told where null. It is never logged: such addresses are often secrets themselves.</summary>
    public string? Url { get; set; }

    /// <summary>The key of the signature; none is sent where null.</summary>
    [MinLength(16)]
    [MaxLength(1024)]
    public string? Secret { get; set; }

    /// <summary>The states that are told: done, failed, cancelled; all where empty.</summary>
    public List<string> States { get; } = [];

    /// <summary>How often one message is tried.</summary>
    [Range(1, 20)]
    public int Attempts { get; set; } = 8;

    /// <summary>How long an answer is waited for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <exception cref="InputException">No address that can be posted to, or an unknown state.</exception>
    internal void Check()
    {
        if (!string.IsNullOrEmpty(Url) && (!Uri.TryCreate(Url, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0))
        {
            throw new InputException("configuration", "Notify:Url", "no address that can be posted to", "allowed: http://… or https://… without a user's name");
        }

        string[] ends = [JobState.Done.ToText(), JobState.Failed.ToText(), JobState.Cancelled.ToText()];
        if (States.Find(state => !ends.Contains(state)) is { } unknown)
        {
            throw new InputException("configuration", "Notify:States", $"'{unknown}'", $"allowed: {string.Join(", ", ends)}");
        }
    }
}
