using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core.Files;
using Differential.Core.Numerics;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Progress;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds;

/// <summary>The frame of every kind's <c>report.html</c>: its title, what was found, and the job at its end.</summary>
internal static class JobPage
{
    /// <summary>Budgets as the job wrote them.</summary>
    private static readonly JsonSerializerOptions Json = new(JobJson.Options) { Converters = { new FractionText() } };

    /// <param name="context">The job.</param>
    /// <param name="kind">What kind it is, in words.</param>
    /// <param name="sentences">What was found, and how sure.</param>
    /// <param name="warnings">What makes it less sure.</param>
    public static ReportPage Start(ReportedRun context, string kind, IReadOnlyList<string> sentences, IReadOnlyList<string> warnings) =>
        new ReportPage(context.Spec.Name ?? kind, $"{kind} {context.Id}").Section(null, null, new VerdictBlock(sentences, warnings, Facts(context)));

    /// <summary>The device, and what matrix products were rounded to, where they were.</summary>
    public static string DeviceOf(ReportedRun context)
    {
        string products = context.Spec.Precision == MatrixPrecision.Float32 ? string.Empty : $", matrix products in {DeviceOpener.NameOf(context.Spec.Precision)}";
        return context.DeviceText + products;
    }

    public static void Finish(ReportPage page, ReportedRun context)
    {
        page.Section("The job", null, new TextBlock(null, JsonSerializer.Serialize(context.Spec, Json)));
        DurableFile.WriteText(context.ReportFile, page.ToHtml());
    }

    /// <summary>The version of the program, without a build's own number.</summary>
    internal static string Version() =>
        typeof(JobPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static IReadOnlyList<(string Name, string Value)> Facts(ReportedRun context)
    {
        RunHeader header = context.Header();
        return
        [
            ("finished", header.Finished.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC"),
            ("took", TimeText.Exact(header.Seconds)),
            ("seed", context.Spec.Seed.ToString(CultureInfo.InvariantCulture)),
            ("device", DeviceOf(context)),
            ("version", Version()),
        ];
    }

    private sealed class FractionText : JsonConverter<Fraction>
    {
        public override Fraction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Fraction value, JsonSerializerOptions options)
        {
            string text = value.ToText();
            if (text.Contains('/', StringComparison.Ordinal))
            {
                writer.WriteStringValue(text);
            }
            else
            {
                writer.WriteNumberValue(value.Value);
            }
        }
    }
}
