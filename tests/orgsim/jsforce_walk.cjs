// Walks the emulator with jsforce, unchanged, and prints what it saw as one JSON document.
const { createRequire } = require("module");
const jsforce = createRequire(process.env.JS_HOME + "/package.json")("jsforce");

async function main() {
  const saw = {};
  const conn = new jsforce.Connection({
    instanceUrl: process.env.ORG_URL,
    accessToken: process.env.ORG_TOKEN,
    version: "62.0",
  });
  const query = await conn.query("SELECT Id, Name, Manager.Name FROM User WHERE Name LIKE 'Bert%'");
  saw.manager = query.records[0].Manager.Name;

  let page = await conn.query("SELECT Id FROM LoginHistory");
  const ids = new Set(page.records.map((r) => r.Id));
  while (!page.done) {
    page = await conn.queryMore(page.nextRecordsUrl);
    page.records.forEach((r) => ids.add(r.Id));
  }
  saw.rows = ids.size;
  const all = await conn.query("SELECT Id FROM LoginHistory", { autoFetch: true, maxFetch: 9999 });
  saw.fetched = all.records.length;

  const child = await conn.query(
    "SELECT Name, (SELECT Id FROM PermissionSetAssignments) FROM User LIMIT 1"
  );
  saw.children = child.records[0].PermissionSetAssignments.totalSize;

  conn.bulk2.pollInterval = 100;
  conn.bulk2.pollTimeout = 30000;
  const bulk = await conn.bulk2.query("SELECT Id, Status FROM LoginHistory");
  const records = await bulk.toArray();
  saw.bulk = records.length;
  saw.quoted = records.filter((r) => r.Status === 'Invalid "Password"').length;

  const tooling = await conn.tooling.query("SELECT Score FROM SecurityHealthCheck");
  saw.tooling = tooling.records[0].attributes.type;
  saw.limit = (await conn.limits()).DailyApiRequests.Max;
  saw.usage = conn.limitInfo.apiUsage.limit;
  saw.fields = (await conn.describe("LoginHistory")).fields.map((f) => f.name).length;
  saw.objects = (await conn.describeGlobal()).sobjects.length;
  saw.identity = (await conn.identity()).username;
  const user = await conn.sobject("User").findOne({ Username: "anna@example.org" }, "Id, Name");
  saw.found = user.Name;
  try {
    await conn.query("SELECT Nope FROM User");
  } catch (error) {
    saw.error = error.errorCode || error.name;
  }
  const app = new jsforce.OAuth2({
    loginUrl: process.env.ORG_URL,
    clientId: process.env.APP_KEY,
    clientSecret: process.env.APP_SECRET,
  });
  const own = new jsforce.Connection({ oauth2: app, instanceUrl: process.env.ORG_URL });
  await own.authorize({ grant_type: "client_credentials" });
  saw.run_as = (await own.identity()).username;
  console.log(JSON.stringify(saw));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
