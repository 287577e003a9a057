// The JDK's own ends of GSS-API, SASL and HTTP: a request a line on stdin, an answer a line on stdout.
//
// Words are separated by one blank; octets are base64, "-" where there are none.
//
//     acceptor                          a context that accepts SPNEGO and krb5
//     initiator MECH TARGET FLAG,FLAG   a context that initiates: mutual replay sequence conf integ deleg
//     bind OCTETS                       channel bindings of the context, before its first step
//     step OCTETS                       -> more|done OCTETS
//     facts                             -> initiator target mechanism flags
//     wrap conf|plain OCTETS            -> OCTETS
//     unwrap OCTETS                     -> conf|plain OCTETS
//     mic OCTETS, verify DATA MIC
//     sasl-server SERVICE HOST QOPS     a client may act as itself alone
//     sasl-client SERVICE HOST QOPS AUTHZID
//     sasl OCTETS                       -> more|done OCTETS
//     sasl-facts                        -> authorizationId qop
//     sasl-wrap OCTETS, sasl-unwrap OCTETS
//     get URL, post URL OCTETS          -> status www-authenticate(base64) body
//
// An answer is "ok ..." or "error ...". Properties: ends.keytab, ends.cache, ends.ca.

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslServer;
import org.ietf.jgss.ChannelBinding;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.MessageProp;
import org.ietf.jgss.Oid;

public class JavaEnds {
  static final String KRB5 = "1.2.840.113554.1.2.2";
  static final String SPNEGO = "1.3.6.1.5.5.2";
  static final GSSManager MANAGER = GSSManager.getInstance();

  static GSSContext context;
  static SaslServer server;
  static SaslClient client;

  public static void main(String[] args) throws Exception {
    Configuration.setConfiguration(new Logins());
    trust(System.getProperty("ends.ca"));
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.out.println("ok ready");
    for (String line; (line = requests.readLine()) != null; ) {
      String answer;
      try {
        answer = ("ok " + answer(line.split(" "))).trim();
      } catch (Exception error) {
        answer = "error " + error + (error.getCause() == null ? "" : " / " + error.getCause());
      }
      System.out.println(answer.replace('\n', ' '));
      System.out.flush();
    }
  }

  static String answer(String[] words) throws Exception {
    switch (words[0]) {
      case "acceptor":
        Oid[] accepted = {new Oid(SPNEGO), new Oid(KRB5)};
        context = MANAGER.createContext(
            MANAGER.createCredential(null, GSSCredential.INDEFINITE_LIFETIME, accepted, GSSCredential.ACCEPT_ONLY));
        return "";
      case "initiator":
        context = MANAGER.createContext(
            MANAGER.createName(words[2], GSSName.NT_HOSTBASED_SERVICE), new Oid(words[1]), null, 0);
        String flags = words[3];
        context.requestMutualAuth(flags.contains("mutual"));
        context.requestReplayDet(flags.contains("replay"));
        context.requestSequenceDet(flags.contains("sequence"));
        context.requestConf(flags.contains("conf"));
        context.requestInteg(flags.contains("integ"));
        context.requestCredDeleg(flags.contains("deleg"));
        return "";
      case "bind":
        context.setChannelBinding(new ChannelBinding(octets(words[1])));
        return "";
      case "step": {
        byte[] token = octets(words[1]);
        byte[] reply = context.isInitiator()
            ? context.initSecContext(token, 0, token.length)
            : context.acceptSecContext(token, 0, token.length);
        return (context.isEstablished() ? "done " : "more ") + text(reply);
      }
      case "facts":
        return context.getSrcName() + " " + context.getTargName() + " " + context.getMech() + " " + flagsOfContext();
      case "wrap": {
        byte[] data = octets(words[2]);
        return text(context.wrap(data, 0, data.length, new MessageProp(0, words[1].equals("conf"))));
      }
      case "unwrap": {
        byte[] token = octets(words[1]);
        MessageProp found = new MessageProp(0, false);
        byte[] data = context.unwrap(token, 0, token.length, found);
        return (found.getPrivacy() ? "conf " : "plain ") + text(data);
      }
      case "mic": {
        byte[] data = octets(words[1]);
        return text(context.getMIC(data, 0, data.length, new MessageProp(0, false)));
      }
      case "verify": {
        byte[] data = octets(words[1]);
        byte[] mic = octets(words[2]);
        context.verifyMIC(mic, 0, mic.length, data, 0, data.length, new MessageProp(0, false));
        return "";
      }
      case "sasl-server":
        client = null;
        server = Sasl.createSaslServer("GSSAPI", words[1], words[2], Map.of(Sasl.QOP, words[3]), JavaEnds::authorize);
        return "";
      case "sasl-client":
        server = null;
        client = Sasl.createSaslClient(
            new String[] {"GSSAPI"}, words[4].equals("-") ? null : words[4], words[1], words[2],
            Map.of(Sasl.QOP, words[3]), JavaEnds::authorize);
        return "";
      case "sasl": {
        byte[] reply = client == null
            ? server.evaluateResponse(octets(words[1]))
            : client.evaluateChallenge(octets(words[1]));
        return ((client == null ? server.isComplete() : client.isComplete()) ? "done " : "more ") + text(reply);
      }
      case "sasl-facts":
        return client == null
            ? server.getAuthorizationID() + " " + server.getNegotiatedProperty(Sasl.QOP)
            : "- " + client.getNegotiatedProperty(Sasl.QOP);
      case "sasl-wrap": {
        byte[] data = octets(words[1]);
        return text(client == null ? server.wrap(data, 0, data.length) : client.wrap(data, 0, data.length));
      }
      case "sasl-unwrap": {
        byte[] data = octets(words[1]);
        return text(client == null ? server.unwrap(data, 0, data.length) : client.unwrap(data, 0, data.length));
      }
      case "get":
        return fetch(words[1], null);
      case "post":
        return fetch(words[1], octets(words[2]));
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  static String fetch(String url, byte[] body) throws Exception {
    HttpURLConnection request = (HttpURLConnection) new URL(url).openConnection();
    if (body != null) {
      request.setRequestMethod("POST");
      request.setDoOutput(true);
      request.getOutputStream().write(body);
    }
    int status = request.getResponseCode();
    String field = request.getHeaderField("WWW-Authenticate");
    InputStream answer = status < 400 ? request.getInputStream() : request.getErrorStream();
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    if (answer != null) answer.transferTo(read);
    byte[] fieldOctets = field == null ? null : field.getBytes(StandardCharsets.ISO_8859_1);
    return status + " " + text(fieldOctets) + " " + text(read.toByteArray());
  }

  static String flagsOfContext() {
    StringBuilder names = new StringBuilder();
    if (context.getMutualAuthState()) names.append("mutual,");
    if (context.getReplayDetState()) names.append("replay,");
    if (context.getSequenceDetState()) names.append("sequence,");
    if (context.getConfState()) names.append("conf,");
    if (context.getIntegState()) names.append("integ,");
    if (context.getCredDelegState()) names.append("deleg,");
    return names.length() == 0 ? "-" : names.toString();
  }

  static void authorize(Callback[] callbacks) {
    for (Callback callback : callbacks) {
      if (!(callback instanceof AuthorizeCallback)) continue;
      AuthorizeCallback asked = (AuthorizeCallback) callback;
      asked.setAuthorized(asked.getAuthenticationID().equals(asked.getAuthorizationID()));
      if (asked.isAuthorized()) asked.setAuthorizedID(asked.getAuthorizationID());
    }
  }

  static byte[] octets(String word) {
    return word.equals("-") ? new byte[0] : Base64.getDecoder().decode(word);
  }

  static String text(byte[] octets) {
    return octets == null || octets.length == 0 ? "-" : Base64.getEncoder().encodeToString(octets);
  }

  /** HTTPS trusts one authority. */
  static void trust(String file) throws Exception {
    if (file == null) return;
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = new FileInputStream(file)) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, managers.getTrustManagers(), null);
    HttpsURLConnection.setDefaultSSLSocketFactory(tls.getSocketFactory());
  }

  /** Who initiates has a ticket cache, who accepts a keytab. */
  static class Logins extends Configuration {
    @Override
    public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
      Map<String, String> options = new HashMap<>();
      options.put("doNotPrompt", "true");
      if (name.endsWith("accept")) {
        options.put("useKeyTab", "true");
        options.put("storeKey", "true");
        options.put("isInitiator", "false");
        options.put("principal", "*");
        options.put("keyTab", System.getProperty("ends.keytab"));
      } else {
        options.put("useTicketCache", "true");
        options.put("ticketCache", System.getProperty("ends.cache"));
      }
      return new AppConfigurationEntry[] {
        new AppConfigurationEntry(
            "com.sun.security.auth.module.Krb5LoginModule",
            AppConfigurationEntry.LoginModuleControlFlag.REQUIRED,
            options)
      };
    }
  }
}
