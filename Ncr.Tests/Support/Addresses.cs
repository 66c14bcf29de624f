using Ncr.Core.Access;
using Ncr.Core.Hosting;
using Ncr.Web.Account;
using Ncr.Web.Components;

namespace Ncr.Tests.Support;

/// <summary>Addresses of servers for what shows commands.</summary>
internal static class Addresses
{
    /// <summary>That of a server with nothing but a public address.</summary>
    public static ServerAddress Of(string publicAddress)
    {
        var options = new NcrOptions { PublicAddress = publicAddress };
        return new ServerAddress(options, null!, new PrivateEntrance(options), new CurrentActor(null!));
    }
}
