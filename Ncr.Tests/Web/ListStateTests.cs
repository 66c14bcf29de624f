using Ncr.Web.Components.Shared;

namespace Ncr.Tests.Web;

public sealed class ListStateTests
{
    [Fact]
    public void Parse_NoQuery_IsTheFirstPageInTheListsOwnOrder()
    {
        var state = ListState.Parse("http://localhost/registries");

        Assert.Equal(ListState.Start, state);
        Assert.All(state.ToQuery().Values, Assert.Null);
    }

    [Fact]
    public void Parse_WhatToQueryWrote_IsTheSame()
    {
        var state = new ListState("web", "untagged", "17.a~b", null, 50, "Size", true);
        var query = string.Join('&', state.ToQuery().Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value?.ToString() ?? "")}"));

        Assert.Equal(state, ListState.Parse($"http://localhost/registries?{query}"));
        Assert.Equal("17.a~b", state.ToRequest().After);
    }

    [Fact]
    public void Parse_OfTwoListsInOneAddress_EachFindsItsOwn()
    {
        var state = ListState.Start with { Search = "web" };
        var query = string.Join('&', state.ToQuery("pane-").Where(p => p.Value is not null).Select(p => $"{p.Key}={p.Value}"));

        Assert.Equal("pane-q=web", query);
        Assert.Equal(state, ListState.Parse($"http://localhost/registries?q=api&{query}", "pane-"));
        Assert.Equal("api", ListState.Parse($"http://localhost/registries?q=api&{query}").Search);
    }

    [Theory]
    [InlineData("after=&before=%20")]
    [InlineData("sort=&show=")]
    [InlineData("page=x&size=7")]
    [InlineData("q=%20&size=1000000")]
    public void Parse_Nonsense_IsPassedOver(string query) =>
        Assert.Equal(ListState.Start, ListState.Parse($"http://localhost/registries?{query}"));
}
