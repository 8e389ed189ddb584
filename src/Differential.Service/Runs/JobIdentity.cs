using System.Security.Cryptography;
using System.Text.Json;
using Differential.Service.Jobs;

namespace Differential.Service.Runs;

/// <summary>Which job a run is of: the same content, whatever its name, has the same id.</summary>
internal static class JobIdentity
{
    private const int Digits = 8;

    /// <summary>8 hex digits of the hash of the job with its defaults filled in and its paths absolute; name and priority don't count.</summary>
    public static string IdOf(JobSpec spec)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(spec with { Name = null, Priority = 0 }, JobJson.Line);
        return Convert.ToHexStringLower(SHA256.HashData(content))[..Digits];
    }

    /// <summary>The name of a run's folder: the job's name or kind with an id behind it, of characters that every file system takes.</summary>
    public static string FolderName(JobSpec spec, string id)
    {
        string title = new([.. spec.Title.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')]);
        return $"{title.TrimStart('.', '-')}-{id}";
    }
}
