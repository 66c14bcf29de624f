using Ncr.Web.Hosting;

namespace Ncr.Tests.Hosting;

public sealed class OpenFilesTests
{
    [Theory]
    [InlineData("65536                524288", 32568)]
    [InlineData("1024                 1048576", 312)]
    [InlineData("100                  100", 32)]
    [InlineData("unlimited            unlimited", null)]
    [InlineData("99999999999999999999 unlimited", null)]
    public void Parse_OfTheSystemsTable_IsHalfOfWhatIsLeft(string limits, int? connections) => Assert.Equal(connections, OpenFiles.Parse(
    [
        "Limit                     Soft Limit           Hard Limit           Units     ",
        "Max processes             127531               127531               processes ",
        $"Max open files            {limits}               files     ",
        "Max locked memory         8388608              8388608              bytes     ",
    ]));

    [Fact]
    public void Parse_WithoutTheRow_IsNothing() => Assert.Null(OpenFiles.Parse(["Limit                     Soft Limit           Hard Limit           Units     "]));

    [Fact]
    public void ConnectionLimit_OnLinux_IsKnown() => Assert.True(!OperatingSystem.IsLinux() || OpenFiles.ConnectionLimit is null or >= 32);
}
