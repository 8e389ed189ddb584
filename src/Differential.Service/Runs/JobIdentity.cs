using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Differential.Core;
using Differential.Service.Jobs;

namespace Differential.Service.Runs;

/// <summary>Which job a run is of: what computes the same has the same id, whatever is noted beside it (<see cref="NoteAttribute"/>).</summary>
internal static class JobIdentity
{
    private const int Digits = 8;

    private static readonly JsonSerializerOptions WithoutNotes = new(JobJson.Line)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { EmptyNotes } },
    };

    /// <summary>8 hex digits of the hash of the job with its defaults filled in and its paths absolute; notes don't count, at any depth.</summary>
    public static string IdOf(JobSpec spec) => Hash(JsonSerializer.SerializeToUtf8Bytes(spec, WithoutNotes));

    /// <summary>The id that earlier versions gave a job, which took all notes but the job's own name and priority into account.</summary>
    public static string EarlierIdOf(JobSpec spec) => Hash(JsonSerializer.SerializeToUtf8Bytes(spec with { Name = null, Priority = 0 }, JobJson.Line));

    /// <summary>
    /// The folder of a job's run among others, called as <see cref="FolderName"/> says; where there is none but one under the
    /// <see cref="EarlierIdOf">id of an earlier version</see>, that one.
    /// </summary>
    public static string FolderIn(string runs, JobSpec spec)
    {
        string folder = Path.Combine(runs, FolderName(spec, IdOf(spec)));
        string earlier = Path.Combine(runs, FolderName(spec, EarlierIdOf(spec)));
        return !RunFolder.IsStarted(folder) && RunFolder.IsStarted(earlier) ? earlier : folder;
    }

    /// <summary>The name of a run's folder: the job's name or kind with an id behind it, of characters that every file system takes.</summary>
    public static string FolderName(JobSpec spec, string id)
    {
        string title = new([.. spec.Title.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')]);
        return $"{title.TrimStart('.', '-')}-{id}";
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..Digits];

    // As if they were left out, so that a job without notes has the id that it always had.
    private static void EmptyNotes(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties.Where(static p => p.AttributeProvider is MemberInfo member && member.IsDefined(typeof(NoteAttribute))))
        {
            object? empty = property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType)
                : property.PropertyType == typeof(string) ? null
                : Array.Empty<string>();
            property.Get = _ => empty;
        }
    }
}
