using Differential.Kernels.Devices;

namespace Differential.Core.Importing;

/// <summary>What an ONNX model's outputs are.</summary>
public enum ModelOutput
{
    /// <summary>Scores, the larger the surer.</summary>
    Logits,

    /// <summary>Probabilities, of which a softmax or sigmoid at the end is taken off.</summary>
    Probabilities,
}

/// <summary>What is known of a model beside its file.</summary>
public sealed record ImportOptions
{
    /// <summary>What it expects of its inputs; null for inputs in [0, 1].</summary>
    public ExpectedInput? Input { get; init; }

    /// <summary>What its outputs are; null where the file is to tell.</summary>
    public ModelOutput? Output { get; init; }

    /// <summary>Shape of the samples that it will be given; null where the file is to tell.</summary>
    public Shape? Sample { get; init; }

    /// <summary>
    /// Which of its outputs are the classes': of two classes the positive and the negative one's. Null for all of them in order; of two the second is the
    /// positive class's, as of labels 0 and 1.
    /// </summary>
    public IReadOnlyList<int>? Columns { get; init; }
}
