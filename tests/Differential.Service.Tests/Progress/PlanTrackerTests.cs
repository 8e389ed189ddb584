using CsCheck;
using Differential.Service.Progress;
using Microsoft.Extensions.Time.Testing;

namespace Differential.Service.Tests.Progress;

/// <summary>A plan that is followed and corrected by the clock.</summary>
public sealed class PlanTrackerTests
{
    private static readonly PhaseId TrainA = new(PhaseKind.Training, "a");
    private static readonly PhaseId AttackA = new(PhaseKind.Attack, "a", "test", 0);
    private static readonly PhaseId ChecksA = new(PhaseKind.Checks, "a");
    private static readonly PhaseId TrainB = new(PhaseKind.Training, "b");
    private static readonly PhaseId AttackB = new(PhaseKind.Attack, "b", "test", 0);

    private static readonly JobPlan Plan = new([new(TrainA, 100, 4), new(AttackA, 50, 2), new(ChecksA, 50, 11), new(TrainB, 100, 4), new(AttackB, 50, 2)]);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Now_BeforeAnythingIsDone_SaysNothingOfTheTimeLeft()
    {
        JobProgress progress = new PlanTracker(Plan, _time).Now();

        Assert.Equal((0, null, string.Empty), (progress.Fraction, progress.SecondsLeft, progress.Where));
    }

    [Fact]
    public void Now_HalfOfATraining_CountsTheNetworkAndTheEpochAndScalesTheRest()
    {
        var tracker = new PlanTracker(Plan, _time);

        tracker.Begin(TrainA);
        _time.Advance(TimeSpan.FromSeconds(20));
        tracker.Advance(0.5);
        JobProgress progress = tracker.Now();

        // 50 of 350 are done in 20 s: 300 take 120 s.
        Assert.Equal("network 1/2 · epoch 3/4", progress.Where);
        Assert.Equal(50.0 / 350, progress.Fraction, 12);
        Assert.Equal(120, progress.SecondsLeft!.Value, 9);
        Assert.Equal("network 1/2 · epoch 3/4 · about 2 min left", progress.ToText());
    }

    [Fact]
    public void Now_KindThatRanBefore_IsScaledByItsOwnSpeedAndOthersByAll()
    {
        var tracker = new PlanTracker(Plan, _time);
        tracker.Begin(TrainA);
        _time.Advance(TimeSpan.FromSeconds(10));
        tracker.Begin(AttackA);
        _time.Advance(TimeSpan.FromSeconds(50));
        tracker.Begin(ChecksA);

        JobProgress progress = tracker.Now();

        // Training 0.1 s a unit, attacks 1 s; the checks by all: 60 s over 150. 20 + 10 + 50 are left, 60 + 0 are done.
        Assert.Equal("network 1/2 · check 1/11", progress.Where);
        Assert.Equal(80, progress.SecondsLeft!.Value, 9);
        Assert.Equal(60.0 / 140, progress.Fraction, 12);
    }

    [Fact]
    public void Begin_LaterPhaseFirst_TakesTheEarlierOnesAsDoneAndMeasuresThemNot()
    {
        var tracker = new PlanTracker(Plan, _time);

        tracker.Begin(TrainB);
        _time.Advance(TimeSpan.FromSeconds(10));
        tracker.Advance(0.5);
        JobProgress progress = tracker.Now();

        Assert.Equal(250.0 / 350, progress.Fraction, 12);
        Assert.Equal(20, progress.SecondsLeft!.Value, 9);
    }

    [Fact]
    public void Advance_TrainingThatGoesOn_MeasuresOnlyWhatThisProcessDid()
    {
        var tracker = new PlanTracker(Plan, _time);

        tracker.Begin(TrainA);
        tracker.Advance(0.5, isFirst: true);
        _time.Advance(TimeSpan.FromSeconds(10));
        tracker.Advance(0.75);

        // 25 units in 10 s; 275 are left.
        Assert.Equal(110, tracker.Now().SecondsLeft!.Value, 9);
    }

    [Fact]
    public void Begin_PhaseThatIsNotPlanned_ChangesNothing()
    {
        var tracker = new PlanTracker(Plan, _time);
        tracker.Begin(AttackA);

        Assert.False(tracker.Begin(new PhaseId(PhaseKind.Theory)));
        Assert.False(tracker.Begin(TrainA));
        Assert.Equal(AttackA, tracker.Current!.Id);
    }

    [Fact]
    public void Now_AnyWayThroughAPlan_NeverFallsAndStaysAShare() => Gen.Select(Gen.Double[0, 100], Gen.Int[0, 4], Gen.Double[0, 1]).List[0, 40].Sample(steps =>
    {
        var time = new FakeTimeProvider();
        var tracker = new PlanTracker(Plan, time);
        double last = 0;
        foreach ((double seconds, int phase, double fraction) in steps)
        {
            tracker.Begin(Plan.Phases[phase].Id);
            time.Advance(TimeSpan.FromSeconds(seconds));
            tracker.Advance(fraction);
            JobProgress progress = tracker.Now();
            Assert.InRange(progress.Fraction, last, 1);
            Assert.True(progress.SecondsLeft is null or >= 0);
            last = progress.Fraction;
        }
    });

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(9.5, "10 s")]
    [InlineData(31, "35 s")]
    [InlineData(240, "4 min")]
    [InlineData(7200, "2 h")]
    [InlineData(400_000, "5 days")]
    public void Round_Estimate_IsOneNumberAndItsUnit(double seconds, string expected) => Assert.Equal(expected, TimeText.Round(seconds));

    [Theory]
    [InlineData(0.424, "0.42 s")]
    [InlineData(34.21, "34.2 s")]
    [InlineData(245, "4 min 05 s")]
    [InlineData(11_520, "3 h 12 min")]
    public void Exact_Measured_IsAsExactAsItMatters(double seconds, string expected) => Assert.Equal(expected, TimeText.Exact(seconds));
}
