using System.Globalization;
using Differential.Service.Progress;
using Differential.Service.Reporting;

namespace Differential.Service.Commands;

/// <summary>The line that shows how far a job is, within the width of a terminal.</summary>
internal static class BarLine
{
    private const int Bar = 24;
    private const int SmallestBar = 8;
    private const string Gap = "  ";

    /// <summary>
    /// "[spinner] where [bar] 42 %  about 4 min left  1,234 images/s". Where there is too little room the speed goes first, then the time that is
    /// left, then the bar gets shorter and goes; the rest is cut.
    /// </summary>
    /// <param name="progress">How far the job is.</param>
    /// <param name="spin">Turns the spinner.</param>
    /// <param name="width">Characters of the line at most.</param>
    /// <param name="colour">Whether the bar is coloured.</param>
    public static string Of(JobProgress progress, int spin, int width, bool colour)
    {
        ArgumentNullException.ThrowIfNull(progress);
        string head = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"[spin % 10] + " " + (progress.Where.Length > 0 ? progress.Where : "starting");
        string share = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(100 * progress.Fraction),3:0} %");
        string left = progress.LeftText();
        string speed = progress.ImagesPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{(rate < 10 ? Math.Round(rate, 1) : Math.Round(rate)):#,0.#} images/s") : string.Empty;
        foreach ((string Left, string Speed, int Bar) shape in ((string, string, int)[])[(left, speed, Bar), (left, string.Empty, Bar), (left, string.Empty, SmallestBar), (string.Empty, string.Empty, SmallestBar), (string.Empty, string.Empty, 0)])
        {
            string[] tail = [.. ((string[])[share, shape.Left, shape.Speed]).Where(static part => part.Length > 0)];
            int length = head.Length + Gap.Length + (shape.Bar > 0 ? shape.Bar + 1 : 0) + tail.Sum(static part => part.Length) + (Gap.Length * (tail.Length - 1));
            if (length <= width)
            {
                return head + Gap + Draw(progress.Fraction, shape.Bar, colour) + string.Join(Gap, tail);
            }
        }

        return TerminalText.Cut(head, width);
    }

    private static string Draw(double fraction, int length, bool colour)
    {
        if (length == 0)
        {
            return string.Empty;
        }

        int full = (int)Math.Floor(Math.Clamp(fraction, 0, 1) * length);
        return TerminalText.Paint(new string('━', full), TextColour.Cyan, colour) + TerminalText.Paint(new string('─', length - full), TextColour.Faint, colour) + " ";
    }
}
