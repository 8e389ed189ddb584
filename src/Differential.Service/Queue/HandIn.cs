using System.Text;
using System.Text.Json;
using Differential.Core;
using Differential.Core.Files;
using Differential.Service.Jobs;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Queue;

/// <summary>Puts a job's text into <c>incoming/</c> so that the service can read it, whatever the caller's umask is.</summary>
internal static class HandIn
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Puts a job into <c>incoming/</c> with its paths made absolute, on disk when this returns.</summary>
    /// <returns>The job's id.</returns>
    /// <exception cref="InputException">The folder can't be written, or the service could not read the job there.</exception>
    public static string Submit(ServiceRoot root, JobFile job)
    {
        string id = $"{JobId.From(job.Spec.Name ?? Path.GetFileNameWithoutExtension(job.File))}-{Guid.NewGuid().ToString("N")[..8]}";
        Write(root, id, JsonSerializer.Serialize(job.Spec, JobJson.Options) + "\n");
        return id;
    }

    /// <summary>Writes the file, on disk when this returns.</summary>
    /// <exception cref="InputException">The folder can't be written, or the service could not read the file: then nothing was handed in.</exception>
    public static void Write(ServiceRoot root, string id, string text)
    {
        ArgumentNullException.ThrowIfNull(root);
        try
        {
            DurableFile.Write(ServiceRoot.JobFile(root.Incoming, id), stream =>
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                if (stream is FileStream file)
                {
                    MakeReadable(root, file);
                }
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException(root.Incoming, string.Empty, $"the job can't be handed in ({exception.Message.TrimEnd('.')})", "allowed: a folder with room that can be written");
        }
    }

    private static void MakeReadable(ServiceRoot root, FileStream file)
    {
        if (OperatingSystem.IsWindows() || FileOwner.Of(file.Name) is not { } mine || FileOwner.Of(root.Incoming) is not { } folder || Service(root) is not { } service || mine.CanBeReadBy(service))
        {
            return;
        }

        // No more than the folder itself lets others do.
        if (FileOwner.Give(file.Name, service))
        {
            return;
        }

        UnixFileMode mode = mine.Mode | (folder.Mode & Everybody);
        File.SetUnixFileMode(file.SafeFileHandle, mode);
        if (!(mine with { Mode = mode }).CanBeReadBy(service))
        {
            throw new InputException(
                root.Incoming,
                string.Empty,
                $"the service (user {service.User}, group {service.Group}) could not read the job: this is user {mine.User} of group {mine.Group}, and the folder's mode gives others no right to read",
                "allowed: a folder whose mode or group lets the service read what is handed in (chmod g+rs, say), or the service's own user");
        }
    }

    // A worker's folder is the service's; before the first start the folder of the workers is.
    private static FileOwner? Service(ServiceRoot root) => Directory.Exists(root.Active)
        ? FileOwner.Of(Directory.EnumerateDirectories(root.Active).FirstOrDefault(w => File.Exists(Path.Combine(w, WorkerLease.FileName)) && !WorkerLease.IsGone(w)) ?? root.Active)
        : FileOwner.Of(root.Incoming);
}
