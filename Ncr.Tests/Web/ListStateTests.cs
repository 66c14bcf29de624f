using Ncr.Web.Components.Shared;

namespace Ncr.Tests.Web;

public sealed class ListStateTests
{
    [Fact]
    public void Parse_NoQuery_IsTheFirstPageInTheListsOwnOrder()
    {
        var state = ListState.Parse("http://localhost/registries");

        Assert.Equal(new ListState(null, 1, ListState.DefaultSize, null, false), state);
        Assert.All(state.ToQuery().Values, Assert.Null);
    }

    [Fact]
    public void Parse_WhatToQueryWrote_IsTheSame()
    {
        var state = new ListState("web", 3, 50, "Size", true);
        var query = string.Join('&', state.ToQuery().Select(p => $"{p.Key}={p.Value}"));

        Assert.Equal(state, ListState.Parse($"http://localhost/registries?{query}"));
        Assert.Equal(100, state.ToRequest().Skip);
    }

    [Theory]
    [InlineData("page=0")]
    [InlineData("page=-4")]
    [InlineData("page=99999999999999999999")]
    [InlineData("page=x&size=7")]
    [InlineData("q=%20&size=1000000")]
    public void Parse_Nonsense_IsPassedOver(string query) =>
        Assert.Equal(new ListState(null, 1, ListState.DefaultSize, null, false), ListState.Parse($"http://localhost/registries?{query}"));
}
