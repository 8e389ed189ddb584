using CsCheck;
using Differential.Core;
using Differential.Service.Cluster.Slurm;

namespace Differential.Service.Tests.Cluster.Slurm;

public sealed class SubmissionTests
{
    private static readonly Gen<int[]> Numbers = Gen.Int[1, 60].Array[1, 40].Select(numbers => numbers.Distinct().Order().ToArray());

    [Theory]
    [InlineData("1", 1)]
    [InlineData("1-3,7,9-10", 1, 2, 3, 7, 9, 10)]
    [InlineData("5-6", 5, 6)]
    public void ToText_Numbers_AreRanges(string text, params int[] numbers) => Assert.Equal(text, TaskNumbers.ToText(numbers));

    [Fact]
    public void Parse_TextOfNumbers_GivesThemBack() => Numbers.Sample(numbers => TaskNumbers.Parse(TaskNumbers.ToText(numbers)).SequenceEqual(numbers));

    [Fact]
    public void Plan_AnyJobsAndLimit_HandsEachInOnceBelowTheLimit() => Gen.Select(Numbers, Gen.Int[2, 30]).Sample((numbers, max) =>
    {
        SubmissionRound round = SubmissionRound.Plan("sweep", numbers, max, null, []);

        return round.Arrays.SelectMany(a => a.Tasks).Order().SequenceEqual(numbers)
            && round.Arrays.All(a => TaskNumbers.Parse(a.Indices).All(i => i >= 1 && i < max))
            && round.Arrays.Select(a => a.Name).Append(round.Collect.Name).Distinct().Count() == round.Arrays.Count + 1;
    });

    [Fact]
    public void Plan_ThousandJobs_FitIntoOneArrayOfSlurmsDefault()
    {
        SubmissionRound round = SubmissionRound.Plan("sweep", [.. Enumerable.Range(1, 1000)], SlurmCommands.DefaultMaxArraySize, null, []);

        SubmittedArray array = Assert.Single(round.Arrays);
        Assert.Equal(("1-1000", 0), (array.Indices, array.Offset));
    }

    [Theory]
    [InlineData(true, "--gres=gpu:1")]
    [InlineData(true, "--gres", "gpu:a100:2")]
    [InlineData(true, "--gpus=1")]
    [InlineData(true, "--gpus-per-task=1")]
    [InlineData(true, "-G1")]
    [InlineData(true, "--tres-per-task=gres/gpu:1")]
    [InlineData(false, "--partition=gpu", "--time=10")]
    [InlineData(false, "--gres=tmpdisk:10")]
    [InlineData(false)]
    public void AskForGpus_Options_AreUnderstood(bool asks, params string[] options) => Assert.Equal(asks, BatchOptions.AskForGpus(options));

    [Theory]
    [InlineData("--array=1-3")]
    [InlineData("-a1-3")]
    [InlineData("--job-name=x")]
    [InlineData("-J")]
    [InlineData("--wrap=true")]
    [InlineData("--wait")]
    public void Check_OptionThatTheSweepSets_IsRefused(string option)
    {
        InputException exception = Assert.Throws<InputException>(() => BatchOptions.Check(["--time=5", option]));

        Assert.StartsWith($"arguments: --: '{option}' for sbatch: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OtherOptions_Pass() => BatchOptions.Check(["--partition=gpu", "--gres=gpu:1", "-t", "10", "--wait-all-nodes=1", "--account=a"]);
}
