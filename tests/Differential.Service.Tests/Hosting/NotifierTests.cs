using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Differential.Core;
using Differential.Service.Hosting;
using Differential.Service.Jobs;
using Differential.Service.Tests.History;
using Differential.Service.Tests.Queue;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Differential.Service.Tests.Hosting;

/// <summary>What is posted at a job's end, and what becomes of it where nobody takes it.</summary>
public sealed class NotifierTests
{
    private const string Secret = "a secret of the tests";

    [Fact]
    public void Sign_KnownKeyAndBody_IsHmacSha256OfTimeDotBody() =>
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of the tests'
        Assert.Equal("sha256=" + Reference("1700000000.{\"a\":1}"), Notifier.Sign(Secret, "1700000000", "{\"a\":1}"u8));

    [Fact]
    public async Task Ended_JobWithAResult_IsPostedSignedWithItsFigures()
    {
        await using var test = new Posting(HttpStatusCode.NoContent);
        RunFolders.Train(test.Folder.Root.Runs, "a", "differential", 0.97, 1);

        test.Notifier.Ended("a", JobState.Done, null);
        Posted posted = await test.Received(1);

        JsonNode body = JsonNode.Parse(posted.Body)!;
        Assert.Equal(("job.ended", "a", "done", 0.97), ((string)body["event"]!, (string)body["id"]!, (string)body["state"]!, (double)body["run"]!["accuracy"]!));
        Assert.Equal(Notifier.Sign(Secret, posted.Header(Notifier.TimestampHeader), Encoding.UTF8.GetBytes(posted.Body)), posted.Header(Notifier.SignatureHeader));
        Assert.True(Guid.TryParse(posted.Header(Notifier.DeliveryHeader), out _));
    }

    [Fact]
    public async Task Ended_ReceiverThatFailsTwice_GetsTheSameDeliveryAgainAfterPauses()
    {
        await using var test = new Posting(HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests, HttpStatusCode.OK);

        test.Notifier.Ended("a", JobState.Failed, "no\nhyperplane");
        await test.Received(3);

        Assert.Single(test.All.Select(static p => p.Header(Notifier.DeliveryHeader)).Distinct());
        Assert.Equal("no hyperplane", (string)JsonNode.Parse(test.All[0].Body)!["error"]!);
        Assert.Empty(test.Log);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, 1)]
    [InlineData(HttpStatusCode.Found, 1)]
    [InlineData(HttpStatusCode.InternalServerError, 3)]
    public async Task Ended_ReceiverThatRefuses_IsToldInTheLogWithoutAddressOrSecret(HttpStatusCode status, int times)
    {
        await using var test = new Posting(status);

        test.Notifier.Ended("a", JobState.Done, null);
        await test.Received(times);
        string line = await test.Logged();

        Assert.Contains($"{(int)status} (tried {times} times)", line, StringComparison.Ordinal);
        Assert.Contains("receiver.example", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-path", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ended_StateThatIsNotAskedFor_IsNotPosted()
    {
        await using var test = new Posting(options => options.States.Add("failed"), HttpStatusCode.OK);

        test.Notifier.Ended("a", JobState.Done, null);
        test.Notifier.Ended("b", JobState.Failed, "why");
        Posted posted = await test.Received(1);

        Assert.Equal("b", (string)JsonNode.Parse(posted.Body)!["id"]!);
    }

    [Theory]
    [InlineData("ftp://receiver.example/", null, "Notify:Url")]
    [InlineData("receiver.example", null, "Notify:Url")]
    [InlineData("https://user:word@receiver.example/", null, "Notify:Url")]
    [InlineData(null, "running", "Notify:States")]
    public void Check_WrongSetting_IsRefusedWithoutSayingTheAddress(string? url, string? state, string place)
    {
        var options = new NotifyOptions { Url = url };
        options.States.AddRange(state is null ? [] : [state]);

        InputException mistake = Assert.Throws<InputException>(options.Check);

        Assert.Equal(place, mistake.Place);
        Assert.DoesNotContain("receiver.example", mistake.Message, StringComparison.Ordinal);
    }

    private static string Reference(string text) => Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(text)));

    private sealed record Posted(string Body, IReadOnlyDictionary<string, string> Headers)
    {
        public string Header(string name) => Headers[name];
    }

    /// <summary>A notifier whose receiver answers with the given statuses, the last one again and again; its clock goes on by itself.</summary>
    private sealed class Posting : HttpMessageHandler, ILogger<Notifier>, IAsyncDisposable
    {
        private readonly HttpStatusCode[] _answers;
        private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
        private readonly CancellationTokenSource _end = new();
        private readonly Task _clock;

        public Posting(params HttpStatusCode[] answers)
            : this(static _ => { }, answers)
        {
        }

        public Posting(Action<NotifyOptions> configure, params HttpStatusCode[] answers)
        {
            _answers = answers;
            var options = new NotifyOptions { Url = "https://receiver.example/hidden-path", Secret = Secret, Attempts = 3 };
            configure(options);
            Notifier = new Notifier(options, Folder.Root, _time, this, this);
            Notifier.StartAsync(CancellationToken.None);
            _clock = Task.Run(async () =>
            {
                while (!_end.IsCancellationRequested)
                {
                    _time.Advance(TimeSpan.FromSeconds(30));
                    await Task.Delay(10);
                }
            });
        }

        public QueueFolder Folder { get; } = new();

        public Notifier Notifier { get; }

        public List<Posted> All { get; } = [];

        public List<string> Log { get; } = [];

        public async Task<Posted> Received(int count)
        {
            for (int i = 0; i < 1000; i++)
            {
                lock (All)
                {
                    if (All.Count >= count)
                    {
                        return All[count - 1];
                    }
                }

                await Task.Delay(10);
            }

            throw new TimeoutException($"{All.Count} of {count} posts");
        }

        public async Task<string> Logged()
        {
            for (int i = 0; i < 1000; i++)
            {
                lock (Log)
                {
                    if (Log.Count > 0)
                    {
                        return Log[0];
                    }
                }

                await Task.Delay(10);
            }

            throw new TimeoutException("nothing was logged");
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _clock;
            await Notifier.StopAsync(CancellationToken.None);
            Notifier.Dispose();
            Folder.Dispose();
            _end.Dispose();
        }

        IDisposable? ILogger.BeginScope<TState>(TState state) => null;

        bool ILogger.IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Log)
            {
                Log.Add(formatter(state, exception) + exception);
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = await request.Content!.ReadAsStringAsync(cancellationToken);
            lock (All)
            {
                All.Add(new Posted(body, request.Headers.ToDictionary(static h => h.Key, static h => h.Value.First())));
                return new HttpResponseMessage(_answers[Math.Min(All.Count, _answers.Length) - 1]);
            }
        }
    }
}
