using Bunit;
using Ncr.Web.Components.Pages.Overview;

namespace Ncr.Tests.Web;

public sealed class DayChartTests : ConsoleContext
{
    private static readonly DateOnly Day = new(2026, 11, 20);

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(7, 8)]
    [InlineData(10, 10)]
    [InlineData(11, 20)]
    [InlineData(61, 80)]
    [InlineData(99_999, 100_000)]
    public void Scale_GoesToARoundNumber(long most, long top) => Assert.Equal(top, ChartScale.OfCount(most));

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1500, 2 << 10)]
    [InlineData(13_000_000, 20 << 20)]
    [InlineData(5_000_000_000_000_000, 6L << 50)]
    public void Scale_OfBytes_IsRoundInItsUnit(long most, long top) => Assert.Equal(top, ChartScale.OfBytes(most));

    [Fact]
    public void Bars_HaveTheirFiguresOnHoverAndInATable()
    {
        var chart = Context.Render<DayChart>(p => p.Add(c => c.Title, "Pushes").Add(c => c.Unit, "push").Add(c => c.UnitMany, "pushes")
            .Add(c => c.Points, [new(Day, 0), new(Day.AddDays(1), 1), new(Day.AddDays(2), 1204)]));

        Assert.Equal(["20 Nov 2026: 0 pushes", "21 Nov 2026: 1 push", "22 Nov 2026: 1,204 pushes"], chart.FindAll("svg title").Select(t => t.TextContent));
        Assert.Equal(["0 pushes", "1 push", "1,204 pushes"], chart.FindAll("table td").Select(t => t.TextContent));
        Assert.Equal(2, chart.FindAll(".chart-bar").Count);
        Assert.Equal(["2,000", "1,000", "0"], chart.FindAll(".chart-axis span").Select(s => s.TextContent));
        Assert.Equal(["20 Nov", "21 Nov", "22 Nov"], chart.FindAll(".chart-days span").Select(s => s.TextContent));
        Assert.Equal("true", chart.Find(".chart-plot").GetAttribute("aria-hidden"));
    }

    [Fact]
    public void Bars_OfLittle_CanBeSeen()
    {
        var chart = Context.Render<DayChart>(p => p.Add(c => c.Title, "Pulls").Add(c => c.Unit, "pull").Add(c => c.Points, [new(Day, 1), new(Day.AddDays(1), 1_000_000)]));

        Assert.Equal(["2", "100"], chart.FindAll(".chart-bar").Select(b => b.GetAttribute("height")));
    }

    [Fact]
    public void Area_OfDaysWithGaps_StandsWhereTheDaysAre()
    {
        var chart = Context.Render<DayChart>(p => p.Add(c => c.Title, "Stored").Add(c => c.IsArea, true).Add(c => c.IsBytes, true).Add(c => c.From, Day.AddDays(-1))
            .Add(c => c.Points, [new(Day, 1L << 20), new(Day.AddDays(2), 2L << 20)]));

        Assert.Equal("0 0 40 100", chart.Find("svg").GetAttribute("viewBox"));
        Assert.Equal("M15 50L35 0", chart.Find(".chart-edge").GetAttribute("d"));
        Assert.Equal("20 Nov 2026: 1.0 MiB (1,048,576 bytes)", chart.Find("svg title").TextContent);
    }
}
