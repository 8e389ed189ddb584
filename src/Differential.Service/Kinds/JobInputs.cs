using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Service.Kinds;

/// <summary>Loading and checking what jobs name. Paths are absolute already.</summary>
internal static class JobInputs
{
    /// <summary>The job's data.</summary>
    /// <exception cref="InputException">The data are not right.</exception>
    public static DataSplits Load(DataOptions data, long seed, string file) => DataLoader.Load(data, Path.GetFullPath("/"), seed, file);

    /// <summary>The training points of a theory job, in double precision where they are made.</summary>
    /// <exception cref="InputException">The data are not right.</exception>
    public static LabeledPoints Points(DataOptions data, long seed, string file)
    {
        if (data is AffineOptions affine)
        {
            return new AffineDataset(affine.Free, affine.Constant, affine.Points, affine.Center, affine.Offset, seed).Generate();
        }

        Dataset train = Load(data, seed, file).Train;
        int dimension = train.SampleShape.Length;
        var points = new double[train.Count][];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = [.. train.Features!.Skip(i * dimension).Take(dimension).Select(v => (double)v)];
        }

        return new LabeledPoints(points, [.. train.Labels]);
    }

    /// <summary>The network's layers for the data's samples, and the normalisation of its inputs.</summary>
    /// <param name="model">The network.</param>
    /// <param name="data">The samples.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <param name="owner">Place of the object that the model stands in.</param>
    /// <exception cref="InputException">They do not fit; the place is the layer's.</exception>
    public static (NetworkArchitecture Architecture, InputNormalization Normalization) Network(ModelOptions model, DataSplits data, string file, string owner = "$")
    {
        try
        {
            return (NetworkArchitecture.Create(data.Train.SampleShape, model.LayersFor(data.Train.Scores), data.Train.Scores), InputNormalization.From(model.Input, data.Train));
        }
        catch (ArchitectureException exception)
        {
            string place = model is NetworkOptions && exception.Layer >= 0 ? $"{owner}.model.{exception.Place}" : $"{owner}.model";
            throw new InputException(file, place, exception.Found, $"allowed: {exception.Allowed}");
        }
        catch (InputException exception) when (exception.File == "model")
        {
            throw new InputException(file, $"{owner}.model.{exception.Place}", exception.Found, $"allowed: {exception.Allowed}");
        }
    }

    /// <summary>A saved model whose layers fit one another and the data's samples.</summary>
    /// <exception cref="InputException">The file is no such model.</exception>
    public static SavedModel Model(string path, DataSplits data, string file)
    {
        SavedModel model = ModelFile.Load(path);
        try
        {
            NetworkArchitecture.Create(model.Input, model.Layers, model.Scores);
        }
        catch (ArchitectureException exception)
        {
            throw Wrong(path, exception);
        }

        if (model.Scores != data.Test.Scores || (model.Classes is { } classes && !classes.SequenceEqual(data.Names)))
        {
            throw new InputException(file, "$.data", $"the classes {string.Join(", ", data.Names)}", $"allowed: {string.Join(", ", model.Classes ?? [model.Positive, model.Negative])}, which the model has");
        }

        Shape samples = data.Test.SampleShape;
        return model.Input.Equals(samples)
            ? model
            : throw new InputException(file, "$.data", $"samples of shape {samples}", $"allowed: {model.Input}, which the model takes");
    }

    /// <summary>The message of a model file whose parts do not fit one another.</summary>
    public static InputException Wrong(string path, ArchitectureException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new InputException(path, exception.Place.IsNested ? $"{exception.Place}" : exception.Layer >= 0 ? $"layer {exception.Layer}" : "parameters", exception.Found, $"allowed: {exception.Allowed}");
    }
}
