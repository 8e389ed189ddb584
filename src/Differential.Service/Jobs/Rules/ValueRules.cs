using System.Text.Json.Serialization;
using Differential.Core.Data;
using Differential.Core.Losses;
using Differential.Core.Networks;
using Differential.Core.Numerics;
using Differential.Core.Optimizers;
using Differential.Core.Training;

namespace Differential.Service.Jobs.Rules;

/// <summary>The rule of each type of value that a job file can hold; objects and lists have none.</summary>
internal static class ValueRules
{
    private static readonly Dictionary<Type, ValueRule> ByType = new()
    {
        [typeof(bool)] = new BooleanRule(),
        [typeof(string)] = new TextRule(),
        [typeof(int)] = new WholeNumberRule(int.MinValue, int.MaxValue),
        [typeof(long)] = new WholeNumberRule(long.MinValue, long.MaxValue),
        [typeof(double)] = new NumberRule(),
        [typeof(Fraction)] = new FractionRule(),
        [typeof(ClassName)] = new ClassNameRule(),
        [typeof(PointClasses)] = new PointClassesRule(),
        [typeof(InputMean)] = new InputMeanRule(),
        [typeof(NormalizedMomentum)] = new NormalizedMomentumRule(),
        [typeof(SplitSelection)] = new SplitSelectionRule(),
        [typeof(SweepFields)] = new SweepFieldsRule(),
        [typeof(Setting)] = new SettingRule(),
        [typeof(ThresholdChoice)] = new ThresholdChoiceRule(),
        [typeof(ClassWeights)] = new ClassWeightsRule(),
        [typeof(ClassCounts)] = new ClassCountsRule(),
        [typeof(HeldOut)] = new HeldOutRule(),
    };

    /// <summary>Properties with a converter of their own.</summary>
    private static readonly Dictionary<Type, ValueRule> ByConverter = new()
    {
        [typeof(ClassNameConverter)] = new ClassNameRule(),
    };

    /// <param name="type">Type of the property or element, nullable or not.</param>
    /// <param name="converter">The property's own converter, if it has one.</param>
    public static ValueRule? Find(Type type, JsonConverter? converter = null)
    {
        if (converter is not null && ByConverter.TryGetValue(converter.GetType(), out ValueRule? own))
        {
            return own;
        }

        Type value = Nullable.GetUnderlyingType(type) ?? type;
        return ByType.GetValueOrDefault(value) ?? (value.IsEnum ? new EnumRule(value) : null);
    }
}
