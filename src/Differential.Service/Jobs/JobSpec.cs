using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Core.Data;
using Differential.Kernels.Devices;

namespace Differential.Service.Jobs;

/// <summary>A job as its file describes it. Paths are relative to the file until <see cref="MapPaths"/> made them absolute.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TrainSpec), "train")]
[JsonDerivedType(typeof(AttackSpec), "attack")]
[JsonDerivedType(typeof(CompareSpec), "compare")]
[JsonDerivedType(typeof(TheorySpec), "theory")]
[JsonDerivedType(typeof(SweepSpec), "sweep")]
[Description("A job of Differential.")]
public abstract record JobSpec
{
    /// <summary>A field that every job file may have: where an editor finds the schema. It is not read any further.</summary>
    internal const string SchemaField = "$schema";

    [Description("A name for people, and for the run's folder; the kind by default.")]
    [MinLength(1)]
    [MaxLength(100)]
    [Note]
    public string? Name { get; init; }

    [Description("Decides every random choice: initialisation, order, attack starts, made data.")]
    public long Seed { get; init; } = 1;

    [Description("auto, simd, cuda, cuda:1, opencl, opencl:0 or ilgpu-cpu.")]
    [RegularExpression("auto|simd|ilgpu-cpu|(cuda|opencl)(:[0-9]{1,3})?", ErrorMessage = "auto, simd, cuda, cuda:1, opencl, opencl:0, ilgpu-cpu")]
    public string Device { get; init; } = "auto";

    [Description("What matrix products round their factors to: float32 (not at all), or tf32 or fp16 with float32 sums, on the tensor cores of a CUDA device.")]
    public MatrixPrecision Precision { get; init; }

    [Description("How the convolutions of training steps and of the search of attacks are computed on the SIMD device: direct, or fast (Winograd's tiles for 3 x 3 kernels of stride 1 and 4 x 4 kernels of stride 2). Evaluations, certificates and the verdict on every flip are always direct.")]
    public ConvolutionMethod Convolution { get; init; }

    [Description("A job of a higher priority leaves the queue first.")]
    [Range(-1_000_000, 1_000_000)]
    [Note]
    public int Priority { get; init; }

    [Description("Ids of jobs that must be done before this one starts; for the service's queue.")]
    [MaxLength(1_000)]
    [Note]
    public IReadOnlyList<string> After { get; init; } = [];

    [Description("Whether the numbers of metrics.jsonl are written for TensorBoard too, in tensorboard/ beside it.")]
    [Note]
    public bool Tensorboard { get; init; }

    /// <summary>The kind as job files name it.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }

    /// <summary>The name, or the kind where none was given.</summary>
    [JsonIgnore]
    public string Title => Name ?? Kind;

    /// <summary>The same job with each default filled in that depends on other fields.</summary>
    public abstract JobSpec WithDefaults();

    /// <summary>The same job with each path that it reads replaced by <paramref name="map"/>(JSON path of the field, path).</summary>
    public abstract JobSpec MapPaths(Func<string, string, string> map);

    /// <summary>The samples that the job reads; null where it is made of other jobs.</summary>
    internal virtual DataOptions? Samples => null;

    /// <summary>The fields that hold paths, given or not, by their place in the job: <c>data.path</c>.</summary>
    internal virtual IEnumerable<string> PathFields => [];

    /// <summary>Adds the rules between the fields that are broken; opens no file.</summary>
    public virtual void Check(InputMistakes mistakes)
    {
    }
}
