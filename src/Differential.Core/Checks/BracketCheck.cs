
using Differential.Core.Certificates;
using Differential.Core.Decisions;

namespace Differential.Core.Checks;

/// <summary>No attack gets nearer than a certificate allows: else one of both is wrong.</summary>
internal sealed class BracketCheck : EvaluationCheck
{
    public override string Name => "bracket";

    public override CheckResult Run(CheckSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        int crossed = subject.Brackets.Sum(static bracket => bracket.Crossed);
        return Result(
            crossed == 0,
            $"Certified distance ≤ smallest distance found, of all samples and in both norms: {crossed} contradictions.",
            [("crossed", crossed), .. subject.Brackets.Select(bracket => ($"certified/found {bracket.Norm.Text()}", Tightness(bracket)))]);
    }

    /// <summary>Mean share of the distance found that is certified.</summary>
    private static double? Tightness(MarginBracket bracket)
    {
        double[] shares = [.. bracket.Certified.Zip(bracket.Found).Where(static pair => pair.First is double certified && double.IsFinite(certified) && pair.Second > 0).Select(static pair => pair.First!.Value / pair.Second!.Value)];
        return shares.Length == 0 ? null : shares.Average();
    }
}
