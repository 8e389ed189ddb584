namespace Differential.Core.Decisions;

/// <summary>
/// The decision of a score: the positive class where score − threshold is above 0. In terms of the signed margin
/// y·(score − threshold); a score that is not finite decides nothing, neither right nor flipped. Of several scores the margin is
/// that of the class over the nearest other one, of label +1: at 0, where two classes are level, the decision counts as flipped.
/// </summary>
internal static class Decision
{
    public static bool IsFlipped(float label, float margin) => float.IsFinite(margin) && (label > 0 ? margin <= 0 : margin < 0);

    public static bool IsFlipped(RowLabel label, float margin) => IsFlipped(label.Sign, margin);

    public static bool IsCorrect(float label, float margin) => float.IsFinite(margin) && !IsFlipped(label, margin);
}
