using Differential.Core;
using Differential.Core.Data;
using Differential.Core.Importing;
using Differential.Core.Models;
using Differential.Core.Networks;
using Differential.Kernels.Devices;
using Differential.Service.Jobs;

namespace Differential.Service.Kinds;

/// <summary>Loading and checking what jobs name. Paths are absolute already.</summary>
internal static class JobInputs
{
    /// <summary>Paths are absolute and checked when a job is read.</summary>
    private static PathPolicy Anywhere => new(Path.GetFullPath("/"));

    /// <summary>The job's data.</summary>
    /// <exception cref="InputException">The data are not right; the message names the job file and the field first.</exception>
    public static DataSplits Load(DataOptions data, long seed, string file) => Within(data, file, () => data.LoadAll(Anywhere, seed, file));

    /// <summary>The training points of a theory job, in double precision where they are made.</summary>
    /// <exception cref="InputException">The data are not right; the message names the job file and the field first.</exception>
    public static LabeledPoints Points(DataOptions data, long seed, string file) => Within(data, file, () => data.LoadPoints(Anywhere, seed, file));

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
            return (NetworkArchitecture.Create(model, data.Train), InputNormalization.From(model.Input, data.Train));
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

    /// <summary>A model of any kind whose layers fit one another and the data's samples.</summary>
    /// <param name="path">The model.</param>
    /// <param name="data">The samples.</param>
    /// <param name="file">The job file, for messages.</param>
    /// <param name="import">What is known of an ONNX model beside its file; the samples' shape is added.</param>
    /// <exception cref="InputException">The file is no such model.</exception>
    /// <exception cref="UnsupportedOperatorException">An ONNX model has an operator that is none of this program's layers.</exception>
    public static OpenedModel Model(string path, DataSplits data, string file, ImportOptions? import = null)
    {
        OpenedModel model = OpenModel(path, file, (import ?? new ImportOptions()) with { Sample = data.Test.SampleShape });

        if (model.Scores != data.Test.Scores || (model.Scores > 1 && model.Names is { } classes && !classes.SequenceEqual(data.Names)))
        {
            throw new InputException(file, "$.data", $"the classes {string.Join(", ", data.Names)}", $"allowed: {(model.Names is { } names ? string.Join(", ", names) : $"{Math.Max(model.Scores, 2)} classes")}, which the model has");
        }

        Shape samples = data.Test.SampleShape;
        return model.Input.Equals(samples)
            ? model
            : throw new InputException(file, "$.data", $"samples of shape {samples}", $"allowed: {model.Input}, which the model takes");
    }

    /// <summary>What is wrong with a model, whatever the samples are; null where nothing is, or nothing can be told.</summary>
    public static InputException? MistakeOf(string path, string file)
    {
        try
        {
            if (ModelOpener.IsOnnx(path) && File.Exists(path))
            {
                return null;
            }

            OpenModel(path, file, new ImportOptions());
            return null;
        }
        catch (InputException mistake)
        {
            return mistake;
        }
    }

    /// <summary>What an attack job says of an ONNX model.</summary>
    /// <exception cref="InputException">A class of the data is none of the model's.</exception>
    public static ImportOptions Import(AttackSpec spec, DataSplits data, string file)
    {
        string[]? scores = spec.Scores is null ? null : [.. spec.Scores.Select(static name => name.Text)];
        string? missing = scores is null ? null : data.Names.FirstOrDefault(name => !scores.Contains(name));
        return missing is null
            ? new ImportOptions { Input = spec.Input, Output = spec.Output, Columns = scores is null ? null : [.. data.Names.Select(name => Array.IndexOf(scores, name))] }
            : throw new InputException(file, "$.scores", $"no '{missing}', which is a class of the data", $"allowed: a list with {string.Join(", ", data.Names)}");
    }

    private static OpenedModel OpenModel(string path, string file, ImportOptions import)
    {
        try
        {
            return ModelOpener.Open(path, import);
        }
        catch (InputException exception) when (exception.File == "model")
        {
            // A field of the job does not go with the model.
            throw new InputException(file, $"$.{exception.Place}", exception.Found, $"allowed: {exception.Allowed}");
        }
        catch (InputException exception) when (exception.File != file)
        {
            throw Named(exception, file, "$.model");
        }
    }

    /// <summary>Puts the job file and the field whose file is wrong before what is wrong in that file.</summary>
    private static T Within<T>(DataOptions data, string file, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (InputException exception) when (exception.File != file)
        {
            string place = DataOptions.Place;
            data.MapAllPaths((field, path) =>
            {
                place = exception.File.StartsWith(path, StringComparison.Ordinal) ? field : place;
                return path;
            });
            string allowed = data.AvailableFrom is { } source && data.FirstMissing() is not null ? $"{exception.Allowed}; it can be had from {source}" : exception.Allowed;
            throw Named(new InputException(exception.File, exception.Place, exception.Found, allowed), file, place);
        }
    }

    private static InputException Named(InputException mistake, string file, string place) =>
        new(file, place, mistake.Place.Length == 0 ? $"{mistake.File}: {mistake.Found}" : $"{mistake.File}: {mistake.Place}: {mistake.Found}", mistake.Allowed);
}
