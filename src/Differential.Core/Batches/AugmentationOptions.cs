using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Differential.Core.Batches;

[Description("Random changes of each training image, drawn anew at each step.")]
public sealed record AugmentationOptions
{
    [Description("Mirror left and right, every other image.")]
    public bool Flip { get; init; }

    [Description("Shift by up to so many pixels in each direction; black comes in at the edge.")]
    [Range(0, 1_024)]
    public int Crop { get; init; }
}
