using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Ncr.Core.Data;

/// <summary>Lets <c>dotnet ef migrations add</c> see the model without starting the server.</summary>
internal sealed class DesignTimeDbContextFactory : IDesignTimeDbContextFactory<NcrDbContext>
{
    public NcrDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<NcrDbContext>().UseSqlite("Data Source=design.db").Options);
}
