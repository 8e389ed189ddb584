using Differential.Kernels.Devices;
using Differential.Kernels.Elementwise;

namespace Differential.Kernels.Tests.Ilgpu;

/// <summary>On the simulator, work that a recorded graph would not repeat is an error.</summary>
[Collection(IlgpuDevices.Collection)]
public class RepetitionCheckTests(IlgpuDevices devices)
{
    [Theory]
    [InlineData(0.9f, 4, 1, true)]
    [InlineData(0.8f, 4, 1, false)]
    [InlineData(0.9f, 3, 1, false)]
    [InlineData(0.9f, 4, 2, false)]
    [InlineData(0.9f, 4, 0, false)]
    public void Run_SecondTime_MustStartTheSameKernelsOnTheSameTensorsAndNumbers(float momentum, int copied, int steps, bool isSame)
    {
        ComputeDevice device = devices.Open("ilgpu-cpu");
        using SgdUpdate sgd = SgdUpdate.Create(device);
        using Tensor<float> weights = device.Allocate(new Shape(4));
        using Tensor<float> gradients = device.Allocate(new Shape(4));
        using Tensor<float> velocity = device.Allocate(new Shape(4));
        using Tensor<float> rate = device.Allocate(new Shape(1));
        using DeviceGraph graph = device.CreateGraph();
        graph.Run(() => Work(0.9f, 4, 1));
        if (isSame)
        {
            graph.Run(() => Work(momentum, copied, steps));
        }
        else
        {
            Assert.Contains("differs", Assert.Throws<InvalidOperationException>(() => graph.Run(() => Work(momentum, copied, steps))).Message, StringComparison.Ordinal);
        }

        void Work(float mu, int length, int times)
        {
            gradients.CopyFrom(weights, length);
            for (int i = 0; i < times; i++)
            {
                sgd.Step(weights, gradients, velocity, rate, mu, false, 0);
            }
        }
    }
}
