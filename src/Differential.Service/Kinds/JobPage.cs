using System.Globalization;
using System.Text.Json;
using Differential.Core.Files;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;
using Differential.Service.Reporting;
using Differential.Service.Runs;

namespace Differential.Service.Kinds;

/// <summary>The frame of every kind's <c>report.html</c>: its title, and the job at its end.</summary>
internal static class JobPage
{
    public static ReportPage Start(ReportedRun context, string kind) => new(
        context.Spec.Name ?? kind,
        string.Create(CultureInfo.InvariantCulture, $"{kind} {context.Id}, seed {context.Spec.Seed}, {DeviceOf(context)}"));

    /// <summary>The device, and what matrix products were rounded to, where they were.</summary>
    public static string DeviceOf(ReportedRun context)
    {
        string products = context.Spec.Precision == MatrixPrecision.Float32 ? string.Empty : $", matrix products in {DeviceOpener.NameOf(context.Spec.Precision)}";
        return context.DeviceText + products;
    }

    public static void Finish(ReportPage page, ReportedRun context)
    {
        page.Section("The job", null, new TextBlock(null, JsonSerializer.Serialize(context.Spec, JobJson.Options)));
        DurableFile.WriteText(context.ReportFile, page.ToHtml());
    }
}
