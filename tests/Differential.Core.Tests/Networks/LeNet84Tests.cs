using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Tests.Networks;

public sealed class LeNet84Tests
{
    // As many as PyTorch's tutorial network has on CIFAR-10: 456 + 2,416 + 48,120 + 10,164 + 850.
    [Theory]
    [InlineData(32, 3, 10, 62_006)]
    [InlineData(32, 3, 1, 61_241)]
    [InlineData(28, 1, 10, 44_426)]
    [InlineData(16, 3, 1, 15_161)]
    public void Create_OnImages_HasTheUsualParameters(int size, int channels, int scores, int parameters)
    {
        var architecture = NetworkArchitecture.Create(new Shape(size, size, channels), new LeNet84Options().LayersFor(scores), scores);
        Assert.Equal((parameters, scores, 84), (architecture.ParameterCount, architecture.Scores, architecture.FeatureCount));
    }

    [Fact]
    public void Create_OnImagesThatAreTooSmall_SaysWhichLayerDoesNotFit()
    {
        ArchitectureException exception = Assert.Throws<ArchitectureException>(() => NetworkArchitecture.Create(new Shape(11, 11, 3), new LeNet84Options().LayerList));
        Assert.StartsWith("layers[3]", exception.Message, StringComparison.Ordinal);
    }
}
