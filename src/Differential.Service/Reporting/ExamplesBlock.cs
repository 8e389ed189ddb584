using System.Text;

namespace Differential.Service.Reporting;

/// <summary>A picture of an input, a change of it, or both together.</summary>
/// <param name="Source">The address of its data.</param>
/// <param name="Text">What it shows.</param>
public sealed record Picture(string Source, string Text);

/// <summary>Pictures that belong together, with a line of words.</summary>
public sealed record Example(IReadOnlyList<Picture> Pictures, string Caption);

/// <summary>Examples beside each other.</summary>
public sealed record ExamplesBlock(string Title, IReadOnlyList<Example> Examples) : IReportBlock
{
    public void Write(StringBuilder html)
    {
        ArgumentNullException.ThrowIfNull(html);
        html.Append("<div class=\"card shots\"><h3>").Append(Html.Encode(Title)).Append("</h3><div class=\"examples\">");
        foreach (Example example in Examples)
        {
            html.Append("<figure class=\"example\"><div>");
            foreach (Picture picture in example.Pictures)
            {
                html.Append($"<img src=\"{picture.Source}\" alt=\"{Html.Encode(picture.Text)}\" title=\"{Html.Encode(picture.Text)}\">");
            }

            html.Append("</div>").Append(Html.Encode(example.Caption)).Append("</figure>");
        }

        html.Line("</div></div>");
    }
}
