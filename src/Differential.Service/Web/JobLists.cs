using System.Globalization;
using Differential.Service.Jobs;
using Differential.Service.Queue;
using Microsoft.AspNetCore.Http;

namespace Differential.Service.Web;

/// <summary><c>GET /jobs</c>: every job that waits or has ended, filtered and in pages.</summary>
internal sealed class JobLists(StateFeed feed, IncomingIndex incoming, EndedIndex ended)
{
    private const int MostAtOnce = 500;
    private const int LongestText = 200;
    private const string States = "queued, ended, done, failed, cancelled";

    /// <summary>
    /// Answers <c>?state=ended&amp;text=cnn&amp;from=50&amp;count=50</c>. The state decides which list and its order: the queue's own, or
    /// the latest first. The text is looked for in ids, names, kinds and errors, whatever its case.
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
        feed.Current();
        return state switch
        {
            "queued" => AnswerAsync(context, incoming.Ready, job => Has(text, job.Id, job.Kind, job.Device), from, count, StateFeed.Waiting),
            "ended" => AnswerAsync(context, ended.All, job => Has(text, job.Id, job.Name, job.Kind, job.Error), from, count, job => job),
            "done" or "failed" or "cancelled" => AnswerAsync(context, ended.All, job => job.State.ToText() == state && Has(text, job.Id, job.Name, job.Kind, job.Error), from, count, job => job),
            _ => Replies.ErrorAsync(context, StatusCodes.Status400BadRequest, $"the unknown state '{state}'; allowed: {States}"),
        };
    }

    private static Task AnswerAsync<TJob, TView>(HttpContext context, IReadOnlyList<TJob> all, Func<TJob, bool> isAsked, int from, int count, Func<TJob, TView> view)
    {
        List<TJob> asked = [.. all.Where(isAsked)];
        return Replies.JsonAsync(context, StatusCodes.Status200OK, new { total = asked.Count, from, jobs = asked.Skip(from).Take(count).Select(view) });
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
