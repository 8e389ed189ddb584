namespace Differential.Core.Data;

/// <summary>Which records of a file become training samples, which test samples, and which are left out.</summary>
internal sealed class RecordPlan
{
    private readonly sbyte[] _labels;
    private readonly RecordTarget[] _targets;

    private RecordPlan(sbyte[] labels, RecordTarget[] targets) => (_labels, _targets) = (labels, targets);

    /// <summary>All records of a file become samples of one split.</summary>
    /// <param name="labels">Of the records.</param>
    /// <param name="classes">The chosen classes.</param>
    /// <param name="limit">Samples at most; null for all.</param>
    /// <param name="target">The split.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="InputException">A class has no record.</exception>
    public static RecordPlan Of(RecordLabels labels, int[] classes, int? limit, RecordTarget target, string file)
    {
        var plan = new RecordPlan(new sbyte[labels.Numbers.Length], new RecordTarget[labels.Numbers.Length]);
        plan.Fill(labels, classes, limit, target, file, static _ => true);
        return plan;
    }

    /// <summary>The records of a file become training samples, but for a share of each class.</summary>
    /// <param name="labels">Of the records.</param>
    /// <param name="classes">The chosen classes.</param>
    /// <param name="options">The limits.</param>
    /// <param name="share">Of each class; 0 for none.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="file">For messages.</param>
    /// <exception cref="InputException">A class has too few records.</exception>
    public static RecordPlan Shared(RecordLabels labels, int[] classes, ClassifiedOptions options, double share, long seed, string file)
    {
        bool[] isTest = TestShare.Draw(labels, classes, share, seed, number => file);
        var plan = new RecordPlan(new sbyte[labels.Numbers.Length], new RecordTarget[labels.Numbers.Length]);
        plan.Fill(labels, classes, options.TrainLimit, RecordTarget.Train, file, i => !isTest[i]);
        if (share > 0)
        {
            plan.Fill(labels, classes, options.TestLimit, RecordTarget.Test, file, i => isTest[i]);
        }

        return plan;
    }

    public RecordTarget Target(int record) => _targets[record];

    public int Count(RecordTarget target) => _targets.Count(other => other == target);

    /// <summary>The labels of a split's samples, in the records' order.</summary>
    public sbyte[] Labels(RecordTarget target) => [.. _labels.Where((_, i) => _targets[i] == target)];

    private void Fill(RecordLabels labels, int[] classes, int? limit, RecordTarget target, string file, Func<int, bool> belongs)
    {
        var room = new ClassRoom(classes, limit);
        for (int i = 0; i < _labels.Length; i++)
        {
            if (belongs(i) && room.Take(labels.Numbers[i], out sbyte label))
            {
                (_labels[i], _targets[i]) = (label, target);
            }
        }

        room.CheckAll(file, labels.Names, "record");
    }
}

/// <summary>What becomes of a record.</summary>
internal enum RecordTarget : byte
{
    LeftOut,
    Train,
    Test,
}
