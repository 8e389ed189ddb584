using System.CommandLine;
using Differential.Core;
using Differential.Core.Models;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Service.Hosting;

namespace Differential.Service.Commands;

/// <summary><c>differential export</c>: a trained network as a file for other programs.</summary>
internal static class ExportCommand
{
    private static readonly Option<string> Onnx = new("--onnx") { Description = "The ONNX file to write.", Required = true };

    private static readonly Option<bool> Keep = new("--keep") { Description = "Keeps batch normalisations as nodes of their own." };

    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A model.safetensors, or the folder of a training." };
        var command = new Command("export", "Writes a trained network as an ONNX file.") { model, Onnx, Keep };
        command.SetAction(parsed => Export(parsed.GetValue(model)!, parsed.GetValue(Onnx)!, parsed.GetValue(Keep)));
        return command;
    }

    private static int Export(string path, string target, bool keep)
    {
        string file = ModelOpener.FileOf(path);
        SavedModel saved = ModelFile.Load(file);
        using var device = new SimdDevice();
        Network network;
        try
        {
            network = NetworkModel.FromSaved(saved, device);
        }
        catch (ArchitectureException exception)
        {
            throw ModelOpener.Wrong(file, exception);
        }

        using (network)
        {
            try
            {
                OnnxExport.Save(target, network, saved, keep);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new InputException("arguments", "--onnx", $"'{target}' can't be written ({exception.Message.TrimEnd('.')})", "a file in a folder that can be written");
            }
        }

        Console.Out.WriteLine(target);
        return ExitCode.Done;
    }
}
