using Bunit;
using Ncr.Web.Components.Shared;

namespace Ncr.Tests.Web;

public sealed class SharedComponentTests : ConsoleContext
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void DigestText_ADigest_IsShortWithAllOfItToCopyAndOnHover()
    {
        var component = Context.Render<DigestText>(p => p.Add(c => c.Digest, Digest).Add(c => c.Href, "/there"));

        var link = component.Find("a");
        Assert.Equal("sha256:0123456789ab", link.TextContent);
        Assert.Equal(Digest, link.GetAttribute("title"));
        Assert.Equal(Digest, component.Find("button").GetAttribute("data-copy"));
    }

    [Fact]
    public void TimeText_AnHourAgo_SaysSoWithTheExactTimeOnHover()
    {
        var component = Context.Render<TimeText>(p => p.Add(c => c.At, Now.UtcDateTime.AddMinutes(-61)));

        var time = component.Find("time");
        Assert.Equal("1 h ago", time.TextContent);
        Assert.Equal("2026-11-23 10:59:00 UTC", time.GetAttribute("title"));
    }

    [Fact]
    public void TimeText_NoTime_SaysNever() => Assert.Equal("never", Context.Render<TimeText>(p => p.Add(c => c.At, null)).Find("span").TextContent);

    [Fact]
    public void SizeText_Bytes_AreInBinaryUnitsWithTheExactNumberOnHover()
    {
        var size = Context.Render<SizeText>(p => p.Add(c => c.Bytes, 13_000_000)).Find("span");

        Assert.Equal("12.4 MiB", size.TextContent);
        Assert.Equal("13,000,000 bytes", size.GetAttribute("title"));
    }

    [Fact]
    public void TagChips_MoreThanFit_TellsHowManyAndLinksToThem()
    {
        var component = Context.Render<TagChips>(p => p.Add(c => c.Tags, ["1", "1.2", "1.2.3", "a", "b"]).Add(c => c.Total, 12).Add(c => c.Href, "/all"));

        Assert.Equal(4, component.FindAll("span.tag").Count);
        Assert.Equal("+8 more", component.Find("a.more").TextContent);
        Assert.Equal("/all", component.Find("a.more").GetAttribute("href"));
    }

    [Fact]
    public void TagChips_None_SaysSo() => Assert.Equal("no tag", Context.Render<TagChips>(p => p.Add(c => c.Tags, []).Add(c => c.Total, 0)).Find("span").TextContent);

    [Fact]
    public void CommandBlock_ACommand_IsWhatTheButtonCopies()
    {
        var component = Context.Render<CommandBlock>(p => p.Add(c => c.Command, "docker pull a/b:c"));

        Assert.Equal("docker pull a/b:c", component.Find("pre").TextContent);
        Assert.Equal("docker pull a/b:c", component.Find("button").GetAttribute("data-copy"));
    }

    [Fact]
    public void PlatformList_Many_ShowsSomeAndTheRestOnHover()
    {
        const string all = "linux/386, linux/amd64, linux/arm/v7, linux/arm64, windows/amd64";
        var text = Context.Render<PlatformList>(p => p.Add(c => c.Platforms, all)).Find("span");

        Assert.Equal("linux/386, linux/amd64 +3", text.TextContent);
        Assert.Equal(all, text.GetAttribute("title"));
    }
}
