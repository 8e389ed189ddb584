using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Differential.Service.Jobs.Rules;

/// <summary>An object of places in a job, each with a list of values; whether the values fit is checked job by job.</summary>
internal sealed partial class SweepFieldsRule : ValueRule
{
    private const int MaxFields = 16;

    public override string Allowed(MemberLimits limits) => $"an object of 1 to {MaxFields} fields, each with a list of values: {{ \"optimizer.momentum\": [0, 0.9] }}";

    public override IEnumerable<Mistake> Check(JsonElement value, MemberLimits limits)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Count() is 0 or > MaxFields)
        {
            yield return Wrong(value, limits);
            yield break;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty field in value.EnumerateObject())
        {
            string place = Mistake.PlaceOf(field.Name);
            if (!PlaceInJob().IsMatch(field.Name))
            {
                yield return new Mistake(place, "no place in a job", "names with dots between and indices in brackets, such as optimizer.momentum or model.layers[0].units");
            }

            if (field.Name is "kind" or "device" or "precision" or "priority" or "after" or "name" or "tensorboard" or "$schema")
            {
                yield return new Mistake(place, "a field that can't be varied", "fields of the job's own work");
            }

            if (!seen.Add(field.Name))
            {
                yield return new Mistake(place, "the field stands there twice", "each field once");
            }

            if (field.Value.ValueKind != JsonValueKind.Array || field.Value.GetArrayLength() is 0 or > SweepSpec.MaxJobs)
            {
                yield return new Mistake(place, Mistake.Show(field.Value), $"a list of 1 to {SweepSpec.MaxJobs} values");
            }
        }
    }

    public override JsonObject Schema(MemberLimits limits) => new()
    {
        ["type"] = "object",
        ["minProperties"] = 1,
        ["maxProperties"] = MaxFields,
        ["additionalProperties"] = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["maxItems"] = SweepSpec.MaxJobs },
    };

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9]{0,63}(\[(0|[1-9][0-9]{0,3})\])?(\.[a-zA-Z][a-zA-Z0-9]{0,63}(\[(0|[1-9][0-9]{0,3})\])?){0,7}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlaceInJob();
}
