/*
 * Keys and certificates for servers in tests, made on the spot.
 */
#ifndef TESTS_FAKECERTS_H
#define TESTS_FAKECERTS_H

/* In folder `dir`: ca.pem, an authority; other-ca.pem, one that signed nothing; and by the first, each
   with its key in NAME-key.pem:
     server.pem     for localhost
     ip.pem         for 127.0.0.1
     elsewhere.pem  for db.example
     expired.pem    for localhost, until yesterday */
void fake_certificates(const char *dir);

#endif
