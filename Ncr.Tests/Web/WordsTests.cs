using Ncr.Web.Components.Shared;

namespace Ncr.Tests.Web;

public sealed class WordsTests
{
    private static readonly DateTime Now = new(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1_048_000, "1.0 MiB")]
    [InlineData(120L << 20, "120 MiB")]
    [InlineData(5L << 40, "5.0 TiB")]
    public void ByteSize_Bytes_AreRoundedToThreeDigits(long bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));

    [Theory]
    [InlineData(-5, "just now")]
    [InlineData(59, "just now")]
    [InlineData(60, "1 min ago")]
    [InlineData(7200, "2 h ago")]
    [InlineData(90_000, "yesterday")]
    [InlineData(10 * 86_400, "10 days ago")]
    [InlineData(100 * 86_400, null)]
    public void RelativeTime_SecondsAgo_AreSaidAsPeopleDo(int seconds, string? expected) => Assert.Equal(expected, RelativeTime.Format(Now.AddSeconds(-seconds), Now));

    [Theory]
    [InlineData(0, "0 registries")]
    [InlineData(1, "1 registry")]
    [InlineData(1204, "1,204 registries")]
    public void Count_ANumber_HasItsPlural(long count, string expected) => Assert.Equal(expected, Words.Count(count, "registry", "registries"));
}
