using System.Security.Cryptography;
using System.Text.Json;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Reliability;

/// <summary>Everything of a run that is not a time: the weights' bits, and the result without its times.</summary>
internal static class ResultFingerprint
{
    public static string Of(ServiceRoot root, string id)
    {
        string run = root.RunFolder(id);
        string text = string.Empty;
        foreach (string model in Directory.GetFiles(run, "*.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            text += $"{Path.GetRelativePath(run, model)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(model)))}\n";
        }

        using var result = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(run, "result.json")));
        return text + Strip(result.RootElement);
    }

    private static string Strip(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject()
            .Where(p => p.Name is not ("started" or "finished" or "seconds" or "imagesPerSecond" or "resources" or "id" or "name"))
            .Select(p => $"{p.Name}:{Strip(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", element.EnumerateArray().Select(Strip)) + "]",
        _ => element.GetRawText(),
    };
}
