using Differential.Core.Importing;
using Differential.Core.Networks;
using Differential.Core.Onnx;

namespace Differential.Core.Models;

/// <summary>Opens models of any kind: a <c>model.safetensors</c>, the folder of a training that holds one, or an <c>.onnx</c> file of any program.</summary>
public static class ModelOpener
{
    private const string Saved = "model.safetensors";

    /// <summary>Reads and checks a model whose layers fit one another.</summary>
    /// <param name="path">A model file, or a run's folder.</param>
    /// <param name="options">What is known of an ONNX model beside its file.</param>
    /// <exception cref="InputException">There is no such model, or it is broken.</exception>
    /// <exception cref="UnsupportedOperatorException">An ONNX model has an operator that is none of this program's layers.</exception>
    public static OpenedModel Open(string path, ImportOptions? options = null)
    {
        string file = FileOf(path);
        if (IsOnnx(file))
        {
            return OpenOnnx(file, options ?? new ImportOptions());
        }

        SavedModel saved = ModelFile.Load(file);
        try
        {
            (NetworkArchitecture architecture, InputNormalization normalization) = NetworkModel.Check(saved);
            return new OpenedModel
            {
                Path = file,
                Architecture = architecture,
                Normalization = normalization,
                Thresholds = saved.Thresholds ?? [saved.Threshold],
                Names = saved.Classes ?? [saved.Positive, saved.Negative],
                Tensors = saved.Parameters,
            };
        }
        catch (ArchitectureException exception)
        {
            throw Wrong(file, exception);
        }
    }

    /// <summary>Whether a file is one of ONNX, by its name.</summary>
    public static bool IsOnnx(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
    }

    private static OpenedModel OpenOnnx(string file, ImportOptions options)
    {
        OnnxModel model = OnnxFile.Read(file);
        ImportedNetwork network = OnnxImport.Read(model, file, options);
        return new OpenedModel
        {
            Path = file,
            Architecture = network.Architecture,
            Normalization = network.Normalization,
            Thresholds = network.Thresholds,
            Names = OnnxExport.NamesOf(model) is { } names && options.Columns is null && names.Count == Math.Max(2, network.Architecture.Scores) ? names : null,
            Tensors = network.Tensors,
            Notes = network.Notes,
        };
    }

    /// <summary>The model file that a path means: a folder means the model that a training left in it.</summary>
    /// <exception cref="InputException">A folder without a model.</exception>
    public static string FileOf(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        string file = System.IO.Path.Combine(path, Saved);
        if (File.Exists(file))
        {
            return file;
        }

        string models = System.IO.Path.Combine(path, "models");
        string[] inner = Directory.Exists(models) ? [.. Directory.EnumerateDirectories(models).Where(folder => File.Exists(System.IO.Path.Combine(folder, Saved))).Order(StringComparer.Ordinal)] : [];
        throw new InputException(path, string.Empty, $"a folder without {Saved}", inner.Length == 0 ? "a model file, or the folder of a training" : $"one of {string.Join(", ", inner)}");
    }

    /// <summary>The message of a model file whose parts do not fit one another.</summary>
    public static InputException Wrong(string path, ArchitectureException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new InputException(path, exception.Place.IsNested ? $"{exception.Place}" : exception.Layer >= 0 ? $"layer {exception.Layer}" : "parameters", exception.Found, $"allowed: {exception.Allowed}");
    }
}
