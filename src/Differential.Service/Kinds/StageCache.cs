using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core.Files;

namespace Differential.Service.Kinds;

/// <summary>What the stages of a job have finished, kept in its checkpoint: a stage that an earlier process did is not done again.</summary>
/// <param name="folder">The checkpoint's folder.</param>
/// <param name="guard">Called before each write; what it throws leaves the file as it is.</param>
internal sealed class StageCache(string folder, Action? guard = null)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>What a stage has left.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="key">What it was done with; another key's result is none.</param>
    /// <returns>Null where there is none.</returns>
    public T? Read<T>(string stage, string key)
        where T : class
    {
        try
        {
            Kept<T>? kept = JsonSerializer.Deserialize<Kept<T>>(File.ReadAllBytes(FileOf(stage)), Json);
            return kept?.Key == key ? kept.Result : null;
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps a result durably.</summary>
    public void Write<T>(string stage, string key, T result)
        where T : class
    {
        guard?.Invoke();
        DurableFile.WriteBytes(FileOf(stage), JsonSerializer.SerializeToUtf8Bytes(new Kept<T>(key, result), Json));
    }

    private string FileOf(string stage) => Path.Combine(folder, stage + ".json");

    private sealed record Kept<T>(string Key, T Result);
}
