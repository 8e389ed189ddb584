namespace Differential.Kernels.Rows;

/// <summary>The scores of one row, less the thresholds.</summary>
internal interface IRowScores
{
    int Count { get; }

    float this[int index] { get; }
}

/// <summary>Decisions of one row, for every device; in float32, in which the host takes them too.</summary>
internal static class FlipOperator
{
    /// <summary>The signed margin: label·score, or how far the class <paramref name="label"/> is ahead of <paramref name="rival"/>. NaN where a score is NaN.</summary>
    public static float Margin<TScores>(TScores scores, int label, int rival)
        where TScores : struct, IRowScores
    {
        if (scores.Count == 1)
        {
            return label * scores[0];
        }

        return rival == label ? float.NaN : scores[label] - scores[rival];
    }

    /// <summary>The other class with the largest score, the first of several; the first class whose score is NaN, where there is one.</summary>
    public static int Rival<TScores>(TScores scores, int label)
        where TScores : struct, IRowScores
    {
        int rival = label == 0 ? 1 : 0;
        int broken = -1;
        for (int k = 0; k < scores.Count; k++)
        {
            float score = scores[k];
            if (float.IsNaN(score) && broken < 0)
            {
                broken = k;
            }

            if (k != label && score > scores[rival])
            {
                rival = k;
            }
        }

        return broken < 0 ? rival : broken;
    }

    /// <summary>Whether a finite margin decides against the label: at 0 it does for all but the negative one of a single score, which a score on the threshold belongs to.</summary>
    public static bool IsFlipped<TScores>(TScores scores, int label, float margin)
        where TScores : struct, IRowScores =>
        IsFinite(margin) && (scores.Count == 1 && label < 0 ? margin < 0 : margin <= 0);

    /// <summary>The state after a step from that of the look before it and the gradient's norm.</summary>
    public static RowState Next(RowState state, float norm)
    {
        if (state != RowState.Searching)
        {
            return state == RowState.FlipsNow ? RowState.Flipped : state;
        }

        return norm == 0 ? RowState.ZeroGradient : IsFinite(norm) ? RowState.Searching : RowState.NonFiniteGradient;
    }

    private static bool IsFinite(float value) => MathF.Abs(value) <= float.MaxValue;
}
