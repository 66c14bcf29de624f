using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Ncr.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Access : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "IsService",
                table: "Users",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTime>(
                name: "LastSignInAt",
                table: "Users",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "LinkExpiresAt",
                table: "Users",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "LinkHash",
                table: "Users",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Description",
                table: "AccessKeys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "ExpiresAt",
                table: "AccessKeys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "LastUsedFrom",
                table: "AccessKeys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "MayPull",
                table: "AccessKeys",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<bool>(
                name: "MayPush",
                table: "AccessKeys",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<string>(
                name: "Networks",
                table: "AccessKeys",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Registries",
                table: "AccessKeys",
                type: "TEXT",
                nullable: true);

            // The one role there was is now called as NCR calls it.
            migrationBuilder.Sql("""UPDATE "Users" SET "Role" = 'ProjectAdmin' WHERE "Role" = 'Administrator';""");

            migrationBuilder.CreateTable(
                name: "RegistryMembers",
                columns: table => new
                {
                    RegistryId = table.Column<long>(type: "INTEGER", nullable: false),
                    UserId = table.Column<long>(type: "INTEGER", nullable: false),
                    Role = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RegistryMembers", x => new { x.RegistryId, x.UserId });
                    table.ForeignKey(
                        name: "FK_RegistryMembers_Registries_RegistryId",
                        column: x => x.RegistryId,
                        principalTable: "Registries",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_RegistryMembers_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_RegistryMembers_UserId",
                table: "RegistryMembers",
                column: "UserId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "RegistryMembers");

            migrationBuilder.DropColumn(
                name: "IsService",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "LastSignInAt",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "LinkExpiresAt",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "LinkHash",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "Description",
                table: "AccessKeys");

            migrationBuilder.DropColumn(
                name: "ExpiresAt",
                table: "AccessKeys");

            migrationBuilder.DropColumn(
                name: "LastUsedFrom",
                table: "AccessKeys");

            migrationBuilder.DropColumn(
                name: "MayPull",
                table: "AccessKeys");

            migrationBuilder.DropColumn(
                name: "MayPush",
                table: "AccessKeys");

            migrationBuilder.DropColumn(
                name: "Networks",
                table: "AccessKeys");

            migrationBuilder.DropColumn(
                name: "Registries",
                table: "AccessKeys");
        }
    }
}
