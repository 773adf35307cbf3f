On a Git host only files of the same repository may be named.

== file all.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: all
spec:
  target: https://git.example.org/o/r/blob/main/a/api.yaml
== web https://git.example.org/o/r/blob/main/a/api.yaml
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: same
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: ../b/f.txt
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: other
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: https://git.example.org/o/s/blob/main/f.txt
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: file
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: file:///etc/passwd
== web https://git.example.org/o/r/blob/main/b/f.txt
same
== web https://git.example.org/o/s/blob/main/f.txt
other
== ingest
