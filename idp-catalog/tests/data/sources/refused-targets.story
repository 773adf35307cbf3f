Hosts that are not allowed are not asked, chains have an end, and problems point at the target.

== options
hosts: ["*.example.org"]
depth: 2
== file a.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: a
spec:
  targets:
    - https://elsewhere.com/b.yaml
    - ../outside.yaml
    - mailto:a@b.c
    - https://git.example.org/1.yaml
== web https://git.example.org/1.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: l1
spec:
  target: ./2.yaml
== web https://git.example.org/2.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: l2
spec:
  target: ./3.yaml
== web https://git.example.org/3.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: l3
spec:
  target: ./4.yaml
== ingest
