using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Audit;
using Ncr.Core.Events;
using Ncr.Core.Sessions;
using Ncr.Tests.Support;
using Ncr.Tests.Web;
using Ncr.Web;
using Ncr.Web.Downloads;

namespace Ncr.Tests.Audit;

/// <summary>The audit as a file, read back.</summary>
public sealed class AuditExportTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int Many = 2345;
    private static readonly string[] Odd = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\ttab", "a \"quoted\", text\r\nof two lines", "→ ü 日本", "plain"];

    [Fact]
    public async Task Csv_ReadBack_IsWhatTheFilterSelects_AndNoFormula()
    {
        var registry = await SeedAsync();
        using var http = await fixture.Server.SignInAsync();

        using var answer = await http.GetAsync(new Uri(ConsoleUrls.AuditExport("csv", new AuditFilter(registry)), UriKind.Relative));

        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("attachment", answer.RequireHeader("Content-Disposition"), StringComparison.Ordinal);
        Assert.EndsWith(".csv", answer.Content.Headers.ContentDisposition!.FileNameStar, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.Preamble.ToArray(), bytes[..3]);
        var lines = ParseCsv(Encoding.UTF8.GetString(bytes[3..]));
        Assert.Equal(["Time (UTC)", "Who", "From", "Event", "Meaning", "Registry", "Image", "Tag", "Digest", "Details", "Id"], lines[0]);
        Assert.All(lines, l => Assert.Equal(11, l.Length));
        Assert.Equal(Odd.Length + Many, lines.Count - 1);
        Assert.Equal(Odd.Reverse().Select(o => "=+-@\t".Contains(o[0], StringComparison.Ordinal) ? "'" + o : o), lines.Skip(1).Take(Odd.Length).Select(l => l[9]));
        Assert.Equal(Enumerable.Range(0, Many).Reverse().Select(i => $"v{i}"), lines.Skip(1 + Odd.Length).Select(l => l[7]));
        Assert.DoesNotContain(lines.SelectMany(l => l), c => c.Length > 0 && "=+-@\t\r".Contains(c[0], StringComparison.Ordinal));
        Assert.Equal(("somebody", "192.0.2.9", "artifact.push", $"{registry}/app"), (lines[^1][1], lines[^1][2], lines[^1][3], lines[^1][6]));
    }

    [Fact]
    public async Task JsonLines_ReadBack_AreWhatTheFilterSelects()
    {
        var registry = await SeedAsync();
        using var http = await fixture.Server.SignInAsync();

        var text = await http.GetStringAsync(new Uri(ConsoleUrls.AuditExport("jsonl", new AuditFilter(registry, Kind: EventKind.Registries)), UriKind.Relative));

        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var objects = text.TrimEnd('\n').Split('\n').Select(l => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(l)!).ToList();
        Assert.Equal(Odd.Reverse(), objects.Select(o => o["details"].GetString()));
        Assert.All(objects, o => Assert.Equal((registry, "registry.update", false), (o["registry"].GetString(), o["event"].GetString(), o.ContainsKey("image"))));
        Assert.Equal(DateTimeKind.Utc, objects[0]["time"].GetDateTime().Kind);
    }

    [Fact]
    public async Task Export_OfWhatCannotBeRead_OrIsNotAllowed_IsRefused()
    {
        using var http = await fixture.Server.SignInAsync();
        foreach (var (path, status) in new[]
        {
            ("/audit/export/xml", HttpStatusCode.NotFound), ("/audit/export/csv?kind=nonsense", HttpStatusCode.BadRequest), ("/audit/export/csv?kind=3", HttpStatusCode.BadRequest),
            ("/audit/export/jsonl?from=yesterday", HttpStatusCode.BadRequest),
        })
        {
            using var answer = await http.SendRawAsync(HttpMethod.Get, path);
            Assert.Equal(status, answer.StatusCode);
        }

        foreach (var client in new[] { fixture.Anonymous, fixture.Http })
        {
            using var answer = await client.SendRawAsync(HttpMethod.Get, "/audit/export/csv");
            Assert.Contains(ConsoleUrls.SignIn, answer.RequireHeader("Location"), StringComparison.Ordinal);
        }

        var users = fixture.Server.Services.GetRequiredService<UserAdministration>();
        var link = await users.CreateAsync(fixture.Server.Administrator, "viewer", Role.ServiceViewer, CancellationToken.None);
        await fixture.Server.Services.GetRequiredService<UserService>().ChooseByLinkAsync(link.User, link.Code, "a good password", new Visitor(null, null), CancellationToken.None);
        using var viewer = await fixture.Server.SignInAsync("viewer", "a good password");
        using var refused = await viewer.SendRawAsync(HttpMethod.Get, "/audit/export/csv");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("to see what was done", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("a-b=c", "a-b=c")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("-2", "'-2")]
    [InlineData("=\"x\"", "\"'=\"\"x\"\"\"")]
    [InlineData("a,b", "\"a,b\"")]
    public void Cell_IsQuotedAndHarmless(string? text, string expected) => Assert.Equal(expected, CsvFormat.Cell(text));

    /// <summary>Many pushes, and then changes with odd details.</summary>
    private async Task<string> SeedAsync()
    {
        var registry = $"r{Guid.NewGuid():n}";
        await fixture.Server.WriteAsync(async db =>
        {
            await db.AddManyAsync(registry, Many, EventTypes.ArtifactPushed);
            foreach (var details in Odd)
            {
                db.Events.Add(new Event { Type = EventTypes.RegistryChanged, At = DateTime.UnixEpoch.AddYears(70), Actor = "somebody", Registry = registry, Details = details });
                await db.SaveChangesAsync();
            }
        });
        return registry;
    }

    /// <summary>As RFC 4180 has it, strictly.</summary>
    private static List<string[]> ParseCsv(string text)
    {
        var lines = new List<string[]>();
        var cells = new List<string>();
        var cell = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && cell.Length == 0)
            {
                for (i++; text[i] != '"' || (i + 1 < text.Length && text[i + 1] == '"'); i++)
                {
                    i += text[i] == '"' ? 1 : 0;
                    cell.Append(text[i]);
                }

                Assert.True(text[i + 1] is ',' or '\r', "Something follows a closing quote.");
            }
            else if (text[i] == ',')
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (text[i] == '\r')
            {
                Assert.Equal('\n', text[++i]);
                lines.Add([.. cells, cell.ToString()]);
                cells.Clear();
                cell.Clear();
            }
            else
            {
                Assert.NotEqual('"', text[i]);
                cell.Append(text[i]);
            }
        }

        Assert.Empty(cells);
        return lines;
    }
}
