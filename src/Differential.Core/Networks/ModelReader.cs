using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Differential.Core.Data;
using Differential.Core.Files;
using Differential.Kernels.Devices;

namespace Differential.Core.Networks;

/// <summary>Turns the content of a safetensors file into a model, or says what is wrong with it.</summary>
internal sealed class ModelReader(string file, SafetensorsContent content)
{
    private const int MaxLayers = 1_000;
    private const int MaxExtent = 1 << 20;
    private const int MaxClassName = 200;

    internal SavedModel Read()
    {
        IReadOnlyList<LayerOptions> layers = ReadLayers();
        Shape input = ReadInput();
        float[] mean = ReadMean(input);
        float scale = ReadNumber("inputScale");
        if (scale <= 0)
        {
            throw Bad("inputScale", content.Metadata["inputScale"], "a number above 0");
        }

        CheckParameters(layers);
        if (content.Metadata.ContainsKey("classes"))
        {
            string[] classes = ReadClasses();
            return new SavedModel(layers, input, mean, scale, 0, classes[0], classes[1], content.Tensors) { Classes = classes, Thresholds = ReadThresholds(classes.Length) };
        }

        return new SavedModel(layers, input, mean, scale, ReadNumber("threshold"), ReadClass("positive"), ReadClass("negative"), content.Tensors);
    }

    private LayerOptions[] ReadLayers()
    {
        LayerOptions[] layers = FromJson<LayerOptions[]>("architecture", "the layers as JSON");
        if (layers.Length is 0 or > MaxLayers)
        {
            throw Bad("architecture", $"{layers.Length} layers", $"1 to {MaxLayers}");
        }

        for (int i = 0; i < layers.Length; i++)
        {
            CheckRanges(layers[i], $"$[{i}]");
        }

        return layers;
    }

    private void CheckRanges(LayerOptions? layer, string place)
    {
        if (layer is null)
        {
            throw Bad($"architecture: {place}", "null", "a layer");
        }

        List<ValidationResult> errors = [];
        if (!Validator.TryValidateObject(layer, new ValidationContext(layer), errors, validateAllProperties: true))
        {
            throw OutOfRange(layer, place, errors[0].MemberNames.FirstOrDefault() ?? string.Empty);
        }

        foreach ((string name, LayerOptions inner) in layer.Nested())
        {
            CheckRanges(inner, $"{place}.{name.Replace(".", "[", StringComparison.Ordinal)}]");
        }
    }

    private InputException OutOfRange(LayerOptions layer, string within, string member)
    {
        PropertyInfo? property = layer.GetType().GetProperty(member);
        string place = $"architecture: {within}.{JsonNamingPolicy.CamelCase.ConvertName(member)}";
        return property?.GetCustomAttribute<RangeAttribute>() is { } range
            ? Bad(place, FormattableString.Invariant($"the number {property.GetValue(layer)}"), FormattableString.Invariant($"{range.Minimum} to {range.Maximum}"))
            : Bad(place, "a value out of its range", "a value within its range");
    }

    private Shape ReadInput()
    {
        const string allowed = "[channels, height, width] or [features], each from 1 to 1048576";
        int[] extents = FromJson<int[]>("inputShape", allowed);
        if (extents.Length is not (1 or 3) || extents.Any(extent => extent is < 1 or > MaxExtent) ||
            extents.Aggregate(1.0, (product, extent) => product * extent) > int.MaxValue)
        {
            throw Bad("inputShape", Text("inputShape"), allowed);
        }

        return extents.Length == 3 ? new Shape(extents[1], extents[2], extents[0]) : new Shape(extents[0]);
    }

    private float[] ReadMean(Shape input)
    {
        int count = input[input.Rank - 1];
        float[] mean = FromJson<float[]>("inputMean", $"{count} numbers");
        return mean.Length == count && mean.All(float.IsFinite) ? mean : throw Bad("inputMean", $"{mean.Length} values", $"{count} finite numbers, one per {(input.Rank == 3 ? "channel" : "feature")}");
    }

    private float ReadNumber(string key) =>
        float.TryParse(Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value)
            ? value
            : throw Bad(key, $"\"{Text(key)}\"", "a finite number");

    private string ReadClass(string key)
    {
        string name = Text(key);
        return name.Length is >= 1 and <= MaxClassName ? name : throw Bad(key, $"{name.Length} characters", $"the name of a class, 1 to {MaxClassName} characters");
    }

    private string[] ReadClasses()
    {
        string allowed = $"3 to {DataOptions.MaxClasses} names of classes, each of 1 to {MaxClassName} characters";
        string[] classes = FromJson<string[]>("classes", allowed);
        return classes.Length is >= 3 and <= DataOptions.MaxClasses && classes.All(name => name is { Length: >= 1 and <= MaxClassName })
            ? classes
            : throw Bad("classes", Text("classes"), allowed);
    }

    private float[] ReadThresholds(int count)
    {
        string allowed = $"{count} finite numbers, one for each class";
        float[] thresholds = FromJson<float[]>("thresholds", allowed);
        return thresholds.Length == count && thresholds.All(float.IsFinite) ? thresholds : throw Bad("thresholds", Text("thresholds"), allowed);
    }

    private void CheckParameters(IReadOnlyList<LayerOptions> layers)
    {
        Dictionary<string, Shape> shapes = content.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        int known = 0;
        foreach (TensorRule rule in layers.SelectMany(static (layer, i) => layer.Tensors(LayerPlace.Of(i).Name)))
        {
            Check(rule);
            known++;
        }

        if (known != shapes.Count || content.Integers.Count + content.Bytes.Count > 0)
        {
            throw new InputException(file, string.Empty, "tensors that no layer of the architecture has", $"the {known} parameters of the layers");
        }

        void Check(TensorRule rule)
        {
            if (!shapes.TryGetValue(rule.Name, out Shape? shape))
            {
                throw new InputException(file, SafetensorsHeader.Place(rule.Name), "it is missing", "every parameter of the architecture, as F32");
            }

            if (shape.Rank != rule.Rank || (rule.First is { } first && shape[0] != first))
            {
                string allowed = rule.First is { } length ? $"{rule.Rank} dimensions, the first of them {length}" : $"{rule.Rank} dimension{(rule.Rank == 1 ? string.Empty : "s")}";
                throw new InputException(file, SafetensorsHeader.Place(rule.Name), $"shape {shape}", allowed);
            }
        }
    }

    private T FromJson<T>(string key, string allowed)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Text(key), ModelFile.Json) ?? throw Bad(key, "null", allowed);
        }
        catch (JsonException e)
        {
            throw Bad(e.Path is null ? key : $"{key}: {e.Path}", "JSON that does not fit", allowed);
        }
        catch (NotSupportedException)
        {
            // System.Text.Json's answer to an object without its "kind".
            throw Bad(key, "a layer without a kind", allowed);
        }
    }

    private string Text(string key) => content.Metadata.TryGetValue(key, out string? text) ? text : throw Bad(key, "it is missing", "a string");

    private InputException Bad(string key, string found, string allowed) =>
        new(file, $"{SafetensorsHeader.MetadataName}.{key}", found.Length <= 200 ? found : string.Concat(found.AsSpan(0, 200), "…"), allowed);
}
