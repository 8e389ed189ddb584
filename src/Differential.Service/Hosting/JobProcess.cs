using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Differential.Core;
using Differential.Service.Jobs;
using Differential.Service.Queue;

namespace Differential.Service.Hosting;

/// <summary>
/// Runs a job in a process of its own (<c>differential held-job</c>). What the job does to its process is seen from here, so that an end
/// without a word is the job's and nobody else's. The process ends with this one: it watches its standard input.
/// </summary>
internal sealed class JobProcess(ServiceRoot root, AppSettings settings)
{
    /// <summary>The line on standard input that asks for a checkpoint and the end.</summary>
    public const string Stop = "stop";

    /// <exception cref="JobProcessException">It ended without a word.</exception>
    /// <exception cref="Exception">The job failed, as it would have here.</exception>
    public JobState Run(ActiveJob job, string? device, CancellationToken stop)
    {
        using Process process = Process.Start(Describe(job, device)) ?? throw new IOException("the job's process could not be started");
        using CancellationTokenRegistration registration = stop.Register(() => Ask(process));
        string? last = null;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            last = line;
        }

        process.WaitForExit();
        return (JobProcessReport.Parse(last) ?? throw new JobProcessException(EndOf(process.ExitCode))).ToOutcome();
    }

    private ProcessStartInfo Describe(ActiveJob job, string? device)
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        string worker = Path.GetFileName(Path.GetDirectoryName(job.File)!);
        string[] arguments = ["held-job", worker, job.Id, "--root", root.Path, "--threads", settings.Threads.ToString(CultureInfo.InvariantCulture)];
        foreach (string argument in arguments.Concat(device is null ? [] : ["--device", device]))
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static void Ask(Process process)
    {
        try
        {
            process.StandardInput.WriteLine(Stop);
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    // The class library's exit status of a process that a signal ended is 128 and the signal.
    private static string EndOf(int status) => status > 128 ? $"signal {status - 128}" : $"exit status {status}";
}

/// <summary>How a job in a process of its own ended: the last line of its standard output.</summary>
internal sealed record JobProcessReport
{
    public JobState? Outcome { get; init; }

    /// <summary>input, device, files or other.</summary>
    public string? Failure { get; init; }

    public string? Message { get; init; }

    public string? File { get; init; }

    public string? Place { get; init; }

    public string? Found { get; init; }

    public string? Allowed { get; init; }

    public int Number { get; init; }

    public static JobProcessReport Of(Exception exception) => exception switch
    {
        InputException input => new JobProcessReport { Failure = "input", File = input.File, Place = input.Place, Found = input.Found, Allowed = input.Allowed },
        IOException or UnauthorizedAccessException => new JobProcessReport { Failure = "files", Message = exception.Message, Number = exception.HResult },
        _ => new JobProcessReport { Failure = "other", Message = exception.Message },
    };

    /// <summary>The report in a line; null where it is none.</summary>
    public static JobProcessReport? Parse(string? line)
    {
        try
        {
            return line is null ? null : JsonSerializer.Deserialize<JobProcessReport>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string ToLine() => JsonSerializer.Serialize(this);

    public JobState ToOutcome() => Failure switch
    {
        null => Outcome ?? throw new JobProcessException("no outcome"),
        "input" => throw new InputException(File!, Place!, Found!, Allowed!),
        "files" => throw new IOException(Message, Number),
        _ => throw new JobFailedException(Message!),
    };
}

/// <summary>A job failed in a process of its own; its log there has the details.</summary>
internal sealed class JobFailedException(string message) : Exception(message);
