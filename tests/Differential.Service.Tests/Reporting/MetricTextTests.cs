using System.Text.Json.Nodes;
using Differential.Service.Reporting;

namespace Differential.Service.Tests.Reporting;

/// <summary>Lines of metrics.jsonl as <c>status</c> tells them.</summary>
public sealed class MetricTextTests
{
    [Theory]
    [InlineData("""{"time":"2026-01-01","step":1280,"phase":"training","epoch":10,"loss":0.0123456,"trainAccuracy":0.978,"testAccuracy":null,"learningRate":0.0005,"imagesPerSecond":12705.9475}""",
        "step 1,280; phase training; epoch 10; loss 0.0123; train accuracy 97.8 %; learning rate 5e-4; images per second 12,706")]
    [InlineData("""{"step":2,"model":"a","attack":"pgd","norm":"linf","epsilon":0.00784313725490196,"flipRate":1}""",
        "step 2; model a; attack pgd; norm linf; epsilon 2/255; flip rate 100.0 %")]
    [InlineData("""{"attack":"deepFool","medianDistance":0.33333}""", "attack deepFool; median distance 0.3333")]
    public void Of_ALine_IsInTheNumbersOfReports(string line, string expected) =>
        Assert.Equal(expected, string.Join("; ", MetricText.Of(JsonNode.Parse(line)!.AsObject())));
}
