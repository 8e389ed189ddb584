using System.Text.Json;
using Differential.Service.Jobs;
using Differential.Service.Kinds.Sweep;

namespace Differential.Service.Tests.Kinds.Sweep;

public sealed class SweepLabelsTests
{
    public static TheoryData<string[], string[]> Values => new()
    {
        { ["0.01", "0.1"], ["0.01", "0.1"] },
        { ["""{"kind":"crossEntropy"}""", """{"kind":"differential"}"""], ["crossEntropy", "differential"] },
        { ["""{"kind":"differential","margin":0.5,"temperature":4}""", """{"kind":"differential","margin":0.5,"temperature":8}"""], ["differential (temperature 4)", "differential (temperature 8)"] },
        { ["""[{"kind":"pgd","epsilons":[0.01568627450980392]}]""", """[{"kind":"pgd","epsilons":["8/255"]}]"""], ["pgd (epsilons 4/255)", "pgd (epsilons 8/255)"] },
        { ["""[{"kind":"a"},{"kind":"b"}]""", """[{"kind":"a"},{"kind":"b","surrogate":"hinge"}]"""], ["a | b", "a | b (surrogate hinge)"] },
        { ["true", "false"], ["yes", "no"] },
        { ["\"fitted\"", "\"zero\""], ["fitted", "zero"] },
        { ["""{"units":3}""", """{"units":4}"""], ["units 3", "units 4"] },
        { ["""{"kind":"a","x":{"y":1}}""", """{"kind":"a","x":{"y":1}}"""], ["a", "a"] },
        { ["0.1234567", "0.1234568"], ["0.1234567", "0.1234568"] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Of_Values_SaysWhatDiffers(string[] values, string[] labels) =>
        Assert.Equal(labels, SweepLabels.Of([.. values.Select(static value => JsonDocument.Parse(value).RootElement)]));

    [Fact]
    public void Headings_OfFields_AreTheirLastNames() =>
        Assert.Equal(["learningRate", "loss", "a.units", "b.units"], SweepLabels.Headings(["optimizer.learningRate", "loss", "a.units", "b.units"]));

    [Fact]
    public void Best_IsTheHighestOfTheFigureThatSaysMost()
    {
        var outcome = new SweepOutcome
        {
            Jobs =
            [
                Row(1, new() { ["testAccuracy"] = 0.9, ["test l2 0.5 robustAccuracy"] = 0.4 }),
                Row(2, new() { ["testAccuracy"] = 0.8, ["test l2 0.5 robustAccuracy"] = 0.6 }),
                Row(3, new()),
            ],
        };
        Assert.Equal(("test l2 0.5 robustAccuracy", 1), SweepReport.Best(outcome, SweepReport.Figures(outcome)));
        Assert.Equal((null, null), SweepReport.Best(new SweepOutcome { Jobs = [outcome.Jobs[0]] }, SweepReport.Figures(outcome)));
    }

    private static SweepRow Row(int number, Dictionary<string, double?> result) =>
        new() { Number = number, Fields = new Dictionary<string, JsonElement>(), Status = TaskState.Done, Seconds = 1, Folder = $"jobs/{number}", Result = result };
}
