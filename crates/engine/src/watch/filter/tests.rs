use super::Ignored::{Excluded, Hidden, NotIncluded, PartialDownload, System, Temporary};
use super::{Filter, FilterError, Ignored, Verdict};
use std::path::Path;

fn globs(globs: &[&str]) -> Vec<String> {
    globs.iter().map(|&glob| glob.to_owned()).collect()
}

fn filter(include: &[&str], exclude: &[&str]) -> Filter {
    Filter::new(&globs(include), &globs(exclude)).unwrap()
}

fn ignored(verdict: Verdict) -> Option<Ignored> {
    match verdict {
        Verdict::Admit => None,
        Verdict::Ignored(why) => Some(why),
    }
}

#[test]
fn names_that_are_never_sent() {
    let table: &[(&str, Option<Ignored>)] = &[
        ("a.jpg", None),
        ("a..b.jpg", None),
        ("...jpg", None),
        ("..jpg", None),
        ("IMG 0001 (2).CR3", None),
        ("\u{1f4f7}\u{1f3d4}.jpg", None),
        ("line\nbreak.jpg", None),
        ("\"quoted\" 'name'.jpg", None),
        ("back\\slash.jpg", None),
        ("-rf.jpg", None),
        ("tmp", None),
        ("part.jpg", None),
        ("Thumbs.db.jpg", None),
        ("Lightroom.lrcat", None),
        (".hidden.jpg", Some(Hidden)),
        (".hidden.images", Some(Hidden)),
        (".DS_Store", Some(System)),
        ("._IMG_1.jpg", Some(System)),
        ("THUMBS.DB", Some(System)),
        ("Desktop.ini", Some(System)),
        ("Icon\r", Some(System)),
        ("$RECYCLE.BIN/x.jpg", Some(System)),
        ("System Volume Information/x", Some(System)),
        (".Trashes/501/x.jpg", Some(System)),
        (".Spotlight-V100/x", Some(System)),
        ("a/lost+found/x.jpg", Some(System)),
        ("a/@eaDir/x.jpg/SYNOPHOTO_THUMB_M.jpg", Some(System)),
        ("x.tmp", Some(Temporary)),
        ("x.TEMP", Some(Temporary)),
        ("~$report.docx", Some(Temporary)),
        ("x.jpg~", Some(Temporary)),
        (".x.jpg.swp", Some(Temporary)),
        (".~lock.x.odt#", Some(Temporary)),
        ("Cat.lrcat-wal", Some(Temporary)),
        ("Cat.lrcat-shm", Some(Temporary)),
        ("Cat.lrcat.lock", Some(Temporary)),
        ("Cat Previews.lrdata/0/00/x.lrprev", Some(Temporary)),
        (".IMG_1.jpg.Ab3dE9", Some(Temporary)),
        (".syncthing.IMG_1.jpg.tmp", Some(Temporary)),
        ("~syncthing~IMG_1.jpg.tmp", Some(Temporary)),
        ("IMG_1.jpg.part", Some(PartialDownload)),
        ("IMG_1.jpg.partial", Some(PartialDownload)),
        ("Unconfirmed 1.crdownload", Some(PartialDownload)),
        ("x.zip.download/x.zip", Some(PartialDownload)),
        ("x.opdownload", Some(PartialDownload)),
        (".hidden/x.jpg", Some(Hidden)),
    ];
    for (path, why) in table {
        assert_eq!(ignored(Filter::plain().admits_file(Path::new(path))), *why, "{path:?}");
    }
}

#[test]
fn the_persons_globs() {
    type Row = (&'static [&'static str], &'static [&'static str], &'static str, Option<Ignored>);
    let table: &[Row] = &[
        // Without a slash: the last component, at any depth.
        (&[], &["*.xmp"], "a/b/x.XMP", Some(Excluded)),
        (&[], &["*.XMP"], "a/b/x.xmp", Some(Excluded)),
        (&[], &["*.xmp"], "a.xmp.jpg", None),
        (&[], &["rejects"], "a/Rejects/b/x.jpg", Some(Excluded)),
        (&[], &["rejects"], "a/rejects2/x.jpg", None),
        // A folder only.
        (&[], &["out/"], "a/out/x.jpg", Some(Excluded)),
        (&[], &["out/"], "a/out", None),
        // With a slash: from the root.
        (&[], &["a/out"], "a/out/x.jpg", Some(Excluded)),
        (&[], &["a/out"], "b/a/out/x.jpg", None),
        (&[], &["/out"], "out/x.jpg", Some(Excluded)),
        (&[], &["/out"], "a/out/x.jpg", None),
        (&[], &["./out/"], "out/x.jpg", Some(Excluded)),
        (&[], &["a/*.jpg"], "a/x.jpg", Some(Excluded)),
        (&[], &["a/*.jpg"], "a/b/x.jpg", None),
        (&[], &["a/**/*.jpg"], "a/b/c/x.jpg", Some(Excluded)),
        (&[], &["a/**"], "a/b/c/x.jpg", Some(Excluded)),
        (&[], &["**/out/*"], "a/b/out/x.jpg", Some(Excluded)),
        // Alternatives, classes, what looks special in names.
        (&[], &["*.{xmp,dop}"], "x.dop", Some(Excluded)),
        (&[], &["img_[0-9].jpg"], "IMG_7.JPG", Some(Excluded)),
        (&[], &["*b.jpg"], "a..b.jpg", Some(Excluded)),
        (&[], &["line*.jpg"], "line\nbreak.jpg", Some(Excluded)),
        (&[], &["a/**"], "a/line\nbreak/x.jpg", Some(Excluded)),
        (&[], &["\u{c4}RGER*"], "\u{e4}rger.jpg", Some(Excluded)),
        (&[], &["*\u{1f4f7}*"], "x\u{1f4f7}y.jpg", Some(Excluded)),
        (&[], &["\"q\"*"], "\"q\".jpg", Some(Excluded)),
        // Includes.
        (&["*.jpg", "*.cr3"], &[], "a/x.CR3", None),
        (&["*.jpg", "*.cr3"], &[], "a/x.mov", Some(NotIncluded)),
        (&["selects/"], &[], "a/Selects/b/x.mov", None),
        (&["selects/"], &[], "a/selects", Some(NotIncluded)),
        (&["a/b"], &[], "a/b/c/x.mov", None),
        (&["*.jpg"], &["out"], "out/x.jpg", Some(Excluded)),
        (&["*"], &[], ".hidden", Some(Hidden)),
    ];
    for (include, exclude, path, why) in table {
        let verdict = filter(include, exclude).admits_file(Path::new(path));
        assert_eq!(ignored(verdict), *why, "{path:?} with {include:?} without {exclude:?}");
    }
}

#[test]
fn folders_are_entered_whatever_the_includes_say() {
    let filter = filter(&["*.jpg"], &["out/", "*.xmp"]);
    let table: &[(&str, Option<Ignored>)] = &[
        ("", None),
        ("a/b", None),
        ("out", Some(Excluded)),
        ("a/out/b", Some(Excluded)),
        ("x.xmp", Some(Excluded)),
        ("Cat Previews.lrdata", Some(Temporary)),
        (".git", Some(Hidden)),
    ];
    for (path, why) in table {
        assert_eq!(ignored(filter.admits_folder(Path::new(path))), *why, "{path:?}");
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let filter = filter(&[], &["*.XMP", "caf*/"]);
    let table: &[(&[u8], Option<Ignored>)] = &[
        (b"\xff\xfe.jpg", None),
        (b"\xff.xmp", Some(Excluded)),
        (b"\xff.TMP", Some(Temporary)),
        (b".\xff", Some(Hidden)),
        (b"Caf\xe9/x.jpg", Some(Excluded)),
    ];
    for (path, why) in table {
        assert_eq!(ignored(filter.admits_file(Path::new(OsStr::from_bytes(path)))), *why, "{path:?}");
    }
}

#[test]
fn globs_that_are_refused() {
    for glob in ["", "   ", "/", "./"] {
        assert_eq!(Filter::new(&globs(&[glob]), &[]).unwrap_err(), FilterError::Empty, "{glob:?}");
    }
    let error = Filter::new(&[], &globs(&["*.jpg", "a[b"])).unwrap_err();
    assert!(matches!(&error, FilterError::Glob { glob, .. } if glob == "a[b"), "{error}");
}
