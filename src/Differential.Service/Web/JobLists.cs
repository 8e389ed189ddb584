using System.Globalization;
using Differential.Service.Jobs;
using Differential.Service.Queue;
using Microsoft.AspNetCore.Http;

namespace Differential.Service.Web;

/// <summary><c>GET /jobs</c>: every job that waits, runs or has ended, filtered and in pages.</summary>
internal sealed class JobLists(StateFeed feed, IncomingIndex incoming, EndedIndex ended)
{
    public const int MostAtOnce = 500;
    public const string States = "all, queued, running, ended, done, failed, cancelled";

    private const int LongestText = 200;

    /// <summary>
    /// Answers <c>?state=ended&amp;text=cnn&amp;from=50&amp;count=50</c>. The state decides which list and its order: the queue's own, or
    /// the latest first; of all, those that run come first, then those that wait. The text is looked for in ids, names, kinds, devices and
    /// errors, whatever its case.
    /// </summary>
    public Task AnswerAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        string state = query.TryGetValue("state", out var value) ? value.ToString() : "ended";
        string text = query["text"].ToString();
        if (!Number(query, "from", 0, int.MaxValue, 0, out int from) || !Number(query, "count", 1, MostAtOnce, 50, out int count) || text.Length > LongestText)
        {
            return Replies.ErrorAsync(context, StatusCodes.Status400BadRequest, $"allowed: state ({States}), text of at most {LongestText} characters, from 0 up, count from 1 to {MostAtOnce}");
        }

        // The folders are looked at anew, at most once a second.
        ServiceState now = feed.Current();
        IEnumerable<JobRow> queued = incoming.Ready.Where(job => Has(text, job.Id, job.Kind, job.Device)).Select(JobRow.Of);
        IEnumerable<JobRow> running = now.Running.Where(job => Has(text, job.Id, job.Name, job.Kind, job.Device)).Select(JobRow.Of);
        IEnumerable<JobRow> over = ended.All.Where(job => Has(text, job.Id, job.Name, job.Kind, job.Error)).Select(JobRow.Of);
        return state switch
        {
            "all" => AnswerAsync(context, running.Concat(queued).Concat(over), from, count),
            "queued" => AnswerAsync(context, queued, from, count),
            "running" => AnswerAsync(context, running, from, count),
            "ended" => AnswerAsync(context, over, from, count),
            "done" or "failed" or "cancelled" => AnswerAsync(context, over.Where(job => job.State.ToText() == state), from, count),
            _ => Replies.ErrorAsync(context, StatusCodes.Status400BadRequest, $"the unknown state '{state}'; allowed: {States}"),
        };
    }

    private static Task AnswerAsync(HttpContext context, IEnumerable<JobRow> asked, int from, int count)
    {
        List<JobRow> all = [.. asked];
        return Replies.JsonAsync(context, StatusCodes.Status200OK, new JobPage(all.Count, from, [.. all.Skip(from).Take(count)]));
    }

    private static bool Has(string text, params ReadOnlySpan<string?> fields)
    {
        if (text.Length == 0)
        {
            return true;
        }

        foreach (string? field in fields)
        {
            if (field?.Contains(text, StringComparison.OrdinalIgnoreCase) == true)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Number(IQueryCollection query, string name, int least, int most, int otherwise, out int number)
    {
        number = otherwise;
        return !query.TryGetValue(name, out var text)
            || (int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most);
    }
}
