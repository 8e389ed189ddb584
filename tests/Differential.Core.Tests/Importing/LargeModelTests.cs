using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using Differential.Core.Attacks;
using Differential.Core.Data;
using Differential.Core.Decisions;
using Differential.Core.Models;
using Differential.Core.Networks;
using Differential.Core.Tests.Onnx;
using Differential.Kernels.Devices;
using Xunit.Abstractions;

namespace Differential.Core.Tests.Importing;

/// <summary>
/// An MLP, a VGG with batch normalisation, MobileNetV2 and ResNet-18 in the form for small images, as PyTorch exports them: scores, gradients and the
/// flips of PGD. The models are made anew, which takes minutes; DIFFERENTIAL_ONNX_MODELS names a folder in which tests/onnx/make_models.py has left them.
/// </summary>
public class LargeModelTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. from kind in (string[])["mlp", "vgg", "mobileNetV2", "resNet18"] from weights in (string[])["random", "trained"] select $"{kind}-{weights}"];

    private static readonly Lazy<string?> Folder = new(Make);

    [SkippableTheory]
    [Trait("Category", "Long")]
    [MemberData(nameof(Names))]
    public void Open_ALargeModel_ComputesAndFlipsAsPyTorchDoes(string name)
    {
        Skip.If(Folder.Value is null, "no /usr/bin/python3 with PyTorch (Debian's python3-torch)");
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder.Value!, name + ".json")));
        int images = report.RootElement.GetProperty("shape")[0].GetInt32();
        int isChecked = report.RootElement.GetProperty("checked").GetInt32();
        OpenedModel opened = ModelOpener.Open(Path.Combine(Folder.Value!, name + ".onnx"));
        var shape = new Shape(32, 32, 3);
        Assert.Equal(shape, opened.Input);
        float[] x = ExportedNetwork.ChannelsFirst(new Shape(1, 3, 1024), Read(name + ".x"));
        using var device = new SimdDevice();
        using Network network = opened.Create(device);
        using (NetworkPlan plan = network.Plan(isChecked, PlanPurpose.Attack))
        {
            using Tensor<float> inputs = device.Allocate(shape.Batched(isChecked), x.AsSpan(0, isChecked * shape.Length));
            float worst = Worst(Read(name + ".y"), plan.Forward(inputs, isChecked).ToArray());
            using Tensor<float> slopes = device.Allocate(new Shape(isChecked * opened.Scores), [.. Enumerable.Range(0, isChecked * opened.Scores).Select(i => (i % opened.Scores % 2 == 0 ? 1f : -1f) / ((i % opened.Scores) + 1))]);
            float[] gradient = ExportedNetwork.ChannelsFirst(shape, plan.InputGradient(slopes, isChecked).ToArray());
            float[] expected = Read(name + ".dx");
            float largest = expected.Max(MathF.Abs);
            float[] astray = [.. Enumerable.Range(0, isChecked).Select(i => Enumerable.Range(i * shape.Length, shape.Length).Max(k => Math.Abs(expected[k] - gradient[k])) / largest).Order()];
            output.WriteLine($"{name}: scores within {worst:G3} of their size, gradients by image within {string.Join(", ", astray.Select(static error => $"{error:G2}"))} of the largest element");
            Assert.True(worst <= 1e-4, $"scores {worst}");

            // In some images a unit lies so near its kink that another order of the sums switches it: its share of the gradient is gone or there.
            Assert.True(astray[(isChecked / 2) - 1] <= 1e-3 && astray[^1] <= 0.1, $"gradients {string.Join(", ", astray)}");
        }

        float[] labels = Read(name + ".labels");
        if (opened.Scores == 1)
        {
            var data = Dataset.OfImages(shape, [.. labels.Select(static label => (sbyte)(label > 0 ? 1 : -1))], [.. x.Select(static value => (byte)MathF.Round(value * 255))]);
            foreach (JsonElement attack in report.RootElement.GetProperty("pgd").EnumerateArray())
            {
                Compare(network, data, attack, name);
            }
        }
    }

    private void Compare(Network network, Dataset data, JsonElement attack, string name)
    {
        double epsilon = attack.GetProperty("epsilon").GetDouble();
        var options = new PgdOptions
        {
            Norm = attack.GetProperty("norm").GetString() == "l2" ? AttackNorm.L2 : AttackNorm.Linf,
            Epsilons = [epsilon],
            Steps = attack.GetProperty("steps").GetInt32(),
            RandomStart = false,
        };
        using NetworkPlan plan = network.Plan(25, PlanPurpose.Attack);
        SplitAttackResult result = AttackRunner.Run(plan, data, new AttackRunOptions { Attacks = [options] }, null, CancellationToken.None);
        int attacked = attack.GetProperty("attacked").GetInt32();
        int flips = attack.GetProperty("flips").GetInt32();
        output.WriteLine($"{name}: {options.Norm} {epsilon}: {result.Attacks[0].FlippedCount} of {result.Attacked} flipped; PyTorch {flips} of {attacked}");
        Assert.Equal(attacked, result.Attacked);
        Assert.True(Math.Abs(result.Attacks[0].FlippedCount - flips) <= Math.Max(1, attacked / 100), $"{options.Norm} {epsilon}: {result.Attacks[0].FlippedCount} flips; PyTorch has {flips} of {attacked}");
    }

    private static float Worst(float[] expected, float[] actual) => expected.Zip(actual, static (e, a) => Math.Abs(e - a) / Math.Max(1, Math.Abs(e))).Max();

    private static float[] Read(string name)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder.Value!, name));
        return [.. Enumerable.Range(0, bytes.Length / sizeof(float)).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float))))];
    }

    private static string? Make()
    {
        if (Environment.GetEnvironmentVariable("DIFFERENTIAL_ONNX_MODELS") is { Length: > 0 } made)
        {
            return made;
        }

        string script = Path.Combine(AppContext.BaseDirectory, "onnx", "make_models.py");
        if (!File.Exists("/usr/bin/python3") || Run("-c", "import torch") != 0)
        {
            return null;
        }

        string folder = Directory.CreateTempSubdirectory("differential-onnx-").FullName;
        return Run(script, folder) == 0 ? folder : throw new InvalidOperationException($"{script} failed");

        static int Run(params string[] arguments)
        {
            using Process process = Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}
