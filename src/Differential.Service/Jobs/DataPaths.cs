using Differential.Core.Data;

namespace Differential.Service.Jobs;

/// <summary>The paths within a job's data.</summary>
internal static class DataPaths
{
    /// <summary>The same data with each path replaced by <paramref name="map"/>(JSON path of the field, path).</summary>
    public static DataOptions Map(DataOptions data, Func<string, string, string> map) => data switch
    {
        Cifar10Options cifar => cifar with { Path = map("$.data.path", cifar.Path) },
        PointsOptions points => points with
        {
            Path = map("$.data.path", points.Path),
            TestPath = points.TestPath is null ? null : map("$.data.testPath", points.TestPath),
        },
        _ => data,
    };
}
