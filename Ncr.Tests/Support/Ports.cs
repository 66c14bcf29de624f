using System.Net;
using System.Net.Sockets;

namespace Ncr.Tests.Support;

public static class Ports
{
    /// <summary>A port of the loopback address that nothing listens on.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
