using System.Text.Json;
using System.Text.Json.Nodes;
using Differential.Core.Losses;
using Differential.Service.Jobs;

namespace Differential.Service.Kinds.Compare;

/// <summary>A loss's settings and a selection's figures in words.</summary>
internal static class CandidateText
{
    private static readonly string[] Settings = ["temperature", "margin", "weight"];

    /// <summary>"temperature 8, margin 0.5".</summary>
    public static string Of(LossOptions loss)
    {
        JsonObject fields = JsonSerializer.SerializeToNode<LossOptions>(loss, JobJson.Line)!.AsObject();
        return string.Join(", ", fields.Where(field => Settings.Contains(field.Key)).Select(field => $"{field.Key} {field.Value}"));
    }

    public static string NameOf(SelectFigure figure) => figure switch
    {
        SelectFigure.CertifiedAccuracy => "certified accuracy",
        SelectFigure.RobustAccuracy => "robust accuracy",
        _ => "accuracy",
    };
}
