using Differential.Service.Jobs;
using Differential.Service.Reporting;

namespace Differential.Service.Kinds.Sweep;

/// <summary>A sweep's jobs on standard output.</summary>
internal static class SweepTable
{
    public static void Write(SweepOutcome sweep, TextWriter output)
    {
        string[] fields = [.. sweep.Jobs[0].Fields.Keys];
        string[] figures = SweepReport.Figures(sweep);
        string[][] labels = SweepReport.Labels(sweep);
        TextTable.Write(
            output,
            ["job", .. SweepLabels.Headings(fields), "status", .. figures],
            sweep.Jobs.Select((j, i) => (string[])
            [
                TextTable.Number(j.Number, "0"), .. labels[i], j.Status.ToText(),
                .. figures.Select(f => SweepReport.IsShare(f) ? Numbers.Share(j.Result.GetValueOrDefault(f)) : Numbers.Figure(j.Result.GetValueOrDefault(f))),
            ]),
            ["status"]);
        foreach (SweepRow failed in sweep.Jobs.Where(j => j.Error is not null))
        {
            output.WriteLine($"{failed.Number}: {failed.Error}");
        }
    }
}
